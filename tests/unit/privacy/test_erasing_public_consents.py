"""An erasure takes out of folded statements what the person said, and keeps what others refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.consent.consent import consent_state
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.stores.consent_items import statements
from shared.stores.forget_consents import forget_public, forget_said, verbatim
from shared.stores.sources import add_source
from tests.unit.ingest.world import NOW, WEB_KEY
from tests.unit.privacy.shop import MARK, Shop42

pytestmark = pytest.mark.unit

MANY = 60
MAILBOX = "canary@example.com"


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def say(shop: Shop42, name: str, user: str | None, key: str = WEB_KEY, *, prefix: str = MARK, **message: Any) -> None:
    """Many statements of one person, at one moment."""
    properties = {"channel": "email", **message.pop("properties", {})}
    whose = {"userId": user, **message}
    batch = [
        {"type": "track", "event": name, "messageId": f"{prefix}-{number}", "properties": properties, **whose}
        for number in range(MANY)
    ]
    status, answer = shop.world.post("/v1/batch", {"batch": batch}, key)
    assert (status, answer["rejected"]) == (200, [])
    shop.world.clock.advance(timedelta(minutes=1))


def erase(shop: Shop42) -> None:
    shop.ask()
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()


def refused(shop: Shop42, identifier: str) -> bool:
    """Whether a grant of now, of which we are told later, would not count."""
    key = shop.world.keys(parse_identifier(identifier))
    said = [one for one, _ in statements(shop.world.customers, key)]
    state = consent_state(said, "email", "marketing", key, shop.world.clock.now() + timedelta(days=1))
    return state.proof is not None and not state.granted


def kept(shop: Shop42, identifier: str) -> tuple[int, int]:
    """How many statements count there, and how many of them are kept one by one because they were folded."""
    key = shop.world.keys(parse_identifier(identifier))
    runs = [said.run.count for said, _ in statements(shop.world.customers, key) if said.run is not None]
    folded = len(list(verbatim(shop.world.customers, key)))
    assert sum(runs) == folded
    single = [said for said, _ in statements(shop.world.customers, key) if said.run is None]
    return len(single) + sum(runs), folded


def test_what_was_folded_goes_and_the_refusal_stays(shop: Shop42) -> None:
    """Nothing is left under the customer, and nothing with her mark but under her address, which stays refused."""
    say(shop, "Consent Withdrawn", "42", properties={"address": MAILBOX})
    say(shop, "Consent Withdrawn", "42", prefix=f"{MARK}-all")
    assert kept(shop, "user:42")[0] >= 2 * MANY
    erase(shop)
    home = shop.world.keys(parse_identifier("user:42"))
    assert [item["sk"] for item in shop.world.customers.items() if item["pk"] == home] == ["erased"]
    assert refused(shop, f"email:{MAILBOX}")
    assert not [item for item in shop.world.customers.items() if item["pk"][0] != "e" and MARK in str(item)]


def test_a_refusal_for_every_address_goes_on_under_an_address_whose_places_are_taken(shop: Shop42) -> None:
    """Others refused so often for that address that every place is taken: hers is kept all the same."""
    say(shop, "Consent Withdrawn", "42")
    other = {"address": MAILBOX, "purpose": "news"}
    say(shop, "Consent Withdrawn", "77", prefix="theirs", properties=other)
    erase(shop)
    assert refused(shop, f"email:{MAILBOX}")


def test_grants_under_an_address_that_is_not_hers_go_and_those_of_others_stay(shop: Shop42) -> None:
    """A public source that may grant: hers and his lie in the same runs under the address."""
    form = Source("form", "web", trusted=False, may_grant_consent=True)
    add_source(shop.world.catalog, "form-key", form, created_at=NOW)
    address = {"address": "office@example.com"}
    say(shop, "Consent Granted", "42", "form-key", properties=address)
    say(shop, "Consent Granted", "77", "form-key", prefix="theirs", properties=address)
    assert kept(shop, "email:office@example.com")[0] == 2 * MANY
    erase(shop)
    assert kept(shop, "email:office@example.com")[0] == MANY
    left = [item for item in shop.world.customers.items() if item["pk"][0] == "e" and MARK in str(item)]
    assert [item for item in left if item.get("granted")] == []
    erase(shop)
    assert kept(shop, "email:office@example.com")[0] == MANY


def test_of_a_shared_browser_goes_what_she_said_before_it_was_shared(shop: Shop42) -> None:
    """Both refused in the laptop that both use; his refusals are counted and hold as before."""
    earlier = "2026-11-22T09:00:00Z"  # before he signed in on it
    say(shop, "Consent Withdrawn", None, anonymousId="laptop", timestamp=earlier)
    say(shop, "Consent Withdrawn", None, prefix="theirs", anonymousId="laptop")
    shop.fold()
    assert kept(shop, "anonymous:laptop")[0] == 2 * MANY
    erase(shop)
    assert kept(shop, "anonymous:laptop")[0] == MANY
    assert refused(shop, "anonymous:laptop")
    laptop = shop.world.keys(parse_identifier("anonymous:laptop"))
    said = [one for one, _ in statements(shop.world.customers, laptop)]
    assert all(one.message_id.startswith("theirs") for one in said)


def test_events_that_come_after_an_erasure_leave_no_statement(shop: Shop42) -> None:
    """What segmentation refuses afterwards takes its statements with it, also those that were folded."""
    erase(shop)
    say(shop, "Consent Withdrawn", "42", prefix="late")
    shop.fold()
    home = shop.world.keys(parse_identifier("user:42"))
    assert [item["sk"] for item in shop.world.customers.items() if item["pk"] == home] == ["erased"]


def test_a_death_between_run_and_statements_is_made_good(shop: Shop42) -> None:
    """The run is made anew first; done again, the rest goes."""
    say(shop, "Consent Withdrawn", "77", prefix="theirs")
    say(shop, "Consent Withdrawn", "77", prefix="hers")
    customers, his = shop.world.customers, shop.world.keys(parse_identifier("user:77"))
    ids = {f"hers-{number}" for number in range(MANY)}
    delete_many, customers.delete_many = customers.delete_many, _dies  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError):
        forget_said(customers, his, ids)
    customers.delete_many = delete_many  # type: ignore[method-assign]
    forget_said(customers, his, ids)
    assert kept(shop, "user:77")[0] == MANY
    assert forget_public(customers, his, []) == 0


def _dies(*_: Any) -> None:
    raise RuntimeError
