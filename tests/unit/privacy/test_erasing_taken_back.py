"""An erased person's forged withdrawal stays under the address, with the word that it was forged."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.consent.consent import consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import take_back
from shared.domain.consent.suppression import suppressed
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.consent_items import consent_items, put_first, read_consent, statements
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import WEB_KEY
from tests.unit.privacy.shop import Shop42
from tests.unit.privacy.test_erasing import shop as shop  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.unit
ADDRESS = "canary@example.com"


@pytest.mark.parametrize("named", [{"address": ADDRESS}, {}])
def test_what_was_forged_holds_no_more_after_an_erasure(shop: Shop42, named: dict[str, Any]) -> None:
    """A stranger refused everything for her, order notices included; an operator took that back. If the erasure took
    his word away, her address would get no order notice when she comes back as a new customer."""
    world, home = shop.world, shop.world.keys(parse_identifier("user:42"))
    properties = {"channel": "email", "purpose": "all", **named}
    told(world, WEB_KEY, event="Consent Withdrawn", messageId="forged", properties=properties)
    [forged] = [one for one, _ in statements(world.customers, home) if one.public and one.purpose == "all"]
    key = world.keys(parse_identifier(f"email:{ADDRESS}"))
    word = take_back(forged, "ops", "a script", "t1", world.clock.now())
    places = (home, key) if named else (home,)
    put_first(world.customers, consent_items(ConsentRecord(places, word), trusted=True))
    shop.fold()
    shop.ask()
    shop.work()
    kept = [read_consent(item) for item in shop.of(f"email:{ADDRESS}").values() if "granted" in item]
    assert {one.message_id for one in kept} >= {"forged", "t1"}
    assert suppressed(kept, "email", key, world.clock.now()) is None
    assert not consent_state(kept, "email", "marketing", key, world.clock.now()).granted
    [erasure] = world.get("/v1/erasures")[1]["items"]
    refusals = [item for item in world.customers.items() if item.get("granted") is False]
    assert erasure["kept"] == {"refusals": len(refusals)}
