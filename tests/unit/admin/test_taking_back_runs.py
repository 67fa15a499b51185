"""A run stays that holds a withdrawal of before the attack, though a statement of the attack was added to it."""

from __future__ import annotations

import pytest

from tests.unit.admin.test_taking_back import MINUTE, Attacked, address, counted
from tests.unit.ingest.world import WEB_KEY

pytestmark = pytest.mark.unit


def test_a_real_withdrawal_stays_in_a_run_that_a_forged_one_was_added_to() -> None:
    """Before the attack somebody withdraws for his address, which is full: it is folded. In the attack a stranger names
    the address too. His statement is the last of the run, and lies by itself under the customer that he invented: only
    there it is taken back."""
    shop = Attacked(1)
    shop.world.clock.time = shop.begin - 40 * MINUTE
    properties = {"channel": "email", "address": address(0), "purpose": "news"}
    flood = [
        {"type": "track", "event": "Consent Withdrawn", "userId": f"n{number}", "messageId": f"n{number}",
         "properties": properties}
        for number in range(150)
    ]  # fmt: skip
    assert shop.world.post("/v1/batch", {"batch": flood}, key=WEB_KEY)[0] == 200
    shop.tell(WEB_KEY, 500, "Consent Withdrawn", channel="email", address=address(0))
    shop.world.clock.time = shop.begin + MINUTE
    shop.tell(WEB_KEY, 501, "Consent Withdrawn", channel="email", address=address(0))
    answer = shop.take_back()
    assert counted(answer) == {"withdrawals": 2, "taken_back": 1, "left_out": {"folded": 1}}
    assert not shop.granted(0)
