"""The copy of a person holds exactly what an erasure deletes, also of what he shares with others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.operators.person_copy import everything
from shared.stores.event_items import read_event
from tests.support.cases import also_long, cases
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import STORE_KEY, WEB_KEY
from tests.unit.privacy.shop import Shop42

pytestmark = pytest.mark.unit
PHONE = {"externalIds": [{"type": "phone", "id": "+905321112233"}]}
MAIL = {"externalIds": [{"type": "email", "id": "family@example.com"}]}

Said = tuple[str, dict[str, Any]]
_NAMED = {"phone": PHONE, "mail": MAIL, "laptop": {}, "": {}}


def _told(shop: Shop42, number: int, user: str, beside: str, *, order: bool) -> None:
    """One event with a mark of its own: of a user, beside a shared identifier, or of that alone."""
    if not user and not beside:
        return
    web = beside == "laptop"
    told(
        shop.world,
        WEB_KEY if web else STORE_KEY,
        userId=user or None,
        anonymousId="shared-laptop" if web else None,
        event="Order Completed" if order and not web else "Looked",
        properties={"order_id": f"said-{number}-order", "mark": f"said-{number}-mark", "total": 1},
        context=_NAMED[beside],
        messageId=f"said-{number}",
    )


SAID = st.lists(
    st.tuples(st.sampled_from(["500", "501", ""]), st.sampled_from(["phone", "mail", "laptop", ""]), st.booleans()),
    min_size=2,
    max_size=10,
)


@given(SAID)
@also_long
@cases(8, 600)
def test_the_copy_is_what_an_erasure_deletes(said: Sequence[tuple[str, str, bool]]) -> None:
    """Of a shared phone, mailbox and laptop too, whoever came first: no event is in one and not in the other, and no
    word of it either."""
    shop = Shop42()
    for number, (user, beside, order) in enumerate(said):
        _told(shop, number, user, beside, order=order)
    shop.fold()
    before = _events(shop)
    if not any(user == "500" for user, _, _ in said):
        return
    copy = everything(shop.world.admin, "user:500")
    shop.ask("user:500")
    shop.work()
    gone = before - _events(shop)
    assert {line["messageId"] for line in copy["items"]} == gone
    text = json.dumps(copy)
    for number in range(len(said)):
        if f"said-{number}" in before - gone:
            assert f"said-{number}-" not in text
            assert f"said-{number}-" in shop.everything()


def _events(shop: Shop42) -> set[str]:
    return {
        read_event(item).message_id
        for item in shop.world.customers.items()
        if item["sk"].startswith("t#") and str(read_event(item).message_id).startswith("said-")
    }


def test_what_the_second_owner_of_a_phone_bought_is_not_in_the_copy_of_the_first() -> None:
    """Events that name only the number: before the second came they are the first's, then they are not."""
    shop = Shop42()
    _told(shop, 1, "500", "phone", order=True)
    _told(shop, 2, "", "phone", order=True)
    _told(shop, 3, "501", "phone", order=True)
    _told(shop, 4, "", "phone", order=True)
    shop.fold()
    text = json.dumps(everything(shop.world.admin, "user:500"))
    assert [number for number in (1, 2, 3, 4) if f"said-{number}-order" in text] == [1, 2]
    assert "user:501" not in text


def test_consents_under_a_shared_phone_are_those_of_who_gave_them() -> None:
    """By the event that made them. Those of the second owner stay, also when the first is erased."""
    shop = Shop42()
    _told(shop, 1, "500", "phone", order=False)
    for number, who in ((2, ""), (3, "501"), (4, "")):
        told(
            shop.world, userId=who or None, event="Consent Granted", context=PHONE, messageId=f"said-{number}",
            properties={"channel": "sms", "address": "+905321112233", "text_version": f"text-{number}"},
        )  # fmt: skip
    shop.fold()
    copy = json.dumps(everything(shop.world.admin, "user:500")["consents"])
    assert [number for number in (2, 3, 4) if f"text-{number}" in copy] == [2]
    shop.ask("user:500")
    shop.work()
    assert [number for number in (2, 3, 4) if f"text-{number}" in shop.everything()] == [3, 4]
