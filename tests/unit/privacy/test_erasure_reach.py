"""Every kind of item that the data map says holds something of a person is reached by an erasure, or stays for a named
reason. A kind that is added later fails here until somebody plants it or names the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.data_map import DATA_MAP, ItemKind, kind_of
from shared.domain.privacy.erasure import CONFIRM_AFTER
from tests.support.canaries import text_of
from tests.unit.privacy.planted import items_of, plant
from tests.unit.privacy.shop import MARK, Shop42

pytestmark = pytest.mark.unit

STAYS: Mapping[str, str] = {
    "mark of an erasure": "it refuses what is still on its way, for 30 days",
    "erasure": "the proof: digests, times and numbers",
    "case": "the proof: digests, times and words",
    "cases of a customer": "the proof",
    "timer": "the digest of an identifier, until it is due; then nobody is found",
    "id of the provider": "the id of a message, for 10 days",
    "short link": "the page that a message led to; it names nobody",
    "coupon code that was given": "the id of a message: the code must not be given twice",
    "order that was counted": "the digest of an order's number, which nobody can lead back",
    "sign-up and its counters": "digests, so that forms are not flooded; 14 days",
    "draft of a definition": "about a colleague",
    "switches of sending": "about a colleague; test recipients are named by the shop",
    "audit of memberships": "digests of a sample, until the next audit, an hour later",
    "customers whom pages of a campaign handed over": "eight bytes of a digest of a digest, for 7 days",
    "progress of a campaign": "digests, until the campaign is sent; then nobody is found",
    "state of a channel's provider": "about a colleague",
    "dry run of a journey": "about a colleague; the digest at which it goes on, for 7 days",
    "customers of a dry run": "digests and what they would have got, for 7 days; no message and no value",
    "change in the console, or by the API": "about a colleague",
    "addresses that complained": "the digest of an address that complained, for 14 days",
    "where withdrawals of a public source lie": "digests by which forged withdrawals are found, for 90 days",
    "mark of a movement or reservation": "what a channel wrote about a movement of stock, by the movement's key",
    "change at the register that could not be read": "the digest of an address, for 30 days",
    "who looks at a conversation": "about an agent, for a day",
    "counter of chats": "digests, so that chats are not flooded; 2 days",
    "upload to the register": "digests, until the register has answered",
    "address in an audience": "deleted when the platform took it out, which the erasure asks for",
    "change on its way to a platform": "digests, until the platform has answered",
    "recipient at the register": "deleted by the exchange with the register, which the erasure tells",
}
"""Each with the reason. What holds more than a digest or a colleague's name has no place here."""
REACHED = [kind for kind in DATA_MAP if kind.person and kind.name not in STAYS]


@dataclass(frozen=True, slots=True)
class Erased:
    """What lay in the tables before the erasure and after the second look, by kind; ``hers``: her identifiers."""

    before: Mapping[str, list[str]]
    after: Mapping[str, list[str]]
    others_changed: list[str]
    told_the_register: str
    address: str


@pytest.fixture(scope="module")
def erased() -> Erased:
    shop = Shop42()
    plant(shop)
    homes = tuple(member.key for member in shop.tree("user:42").members)
    his = tuple(member.key for member in shop.tree("user:77").members)
    before = dict(items_of(shop))
    shop.ask()
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    after = dict(items_of(shop))
    own = tuple(home for home in homes if home != shop.world.keys(parse_identifier("anonymous:laptop")))
    theirs = {place: item for place, item in before.items() if any(home in text_of(item) for home in his)}
    assert {place[0] for place in theirs} >= {"customers", "conversations"}
    laptop = ("customers", shop.world.keys(parse_identifier("anonymous:laptop")), "claim")  # she is out of its owners
    others = [str(place) for place, item in theirs.items() if after.get(place) != item and place != laptop]
    return Erased(
        _by_kind(before, own), _by_kind(after, own), others, str(shop.register.bodies),
        shop.world.keys(parse_identifier("email:canary@example.com")),
    )  # fmt: skip


def _hers(item: Mapping[str, Any], homes: tuple[str, ...]) -> bool:
    """What names her: a mark, a digest or her id. A mark of a click stands beside the id of the message alone."""
    text = text_of(item)
    return any(name in text for name in (MARK, "user:42", "reaction#", *homes))


def _by_kind(items: Mapping[tuple[str, str, str], dict[str, Any]], homes: tuple[str, ...]) -> dict[str, list[str]]:
    """The places of her items by the kind of the map. A refusal that stays under an address is not named: the map says
    of it that it stays."""
    found: dict[str, list[str]] = {}
    for (table, pk, sk), item in items.items():
        kind = kind_of(table, pk, sk)
        assert kind is not None, (table, sk)
        if _hers(item, homes) and not (kind.name == "consent" and not item["granted"]):
            found.setdefault(kind.name, []).append(f"{pk} {sk}")
    return found


@pytest.mark.parametrize("kind", REACHED, ids=lambda kind: kind.name)
def test_the_erasure_reaches_this_kind(erased: Erased, kind: ItemKind) -> None:
    """It lay there before, with her mark or a digest of hers, and does not now."""
    assert erased.before.get(kind.name), "plant an item of this kind in plant(), or say in STAYS why it may stay"
    assert erased.after.get(kind.name, []) == []


def test_nothing_of_hers_is_of_a_kind_that_is_not_named(erased: Erased) -> None:
    """Also not of a kind of which the map says that it tells nothing of a person."""
    assert set(erased.after) <= set(STAYS)
    assert set(STAYS) <= {kind.name for kind in DATA_MAP if kind.person}


def test_what_is_another_person_s_is_as_before(erased: Erased) -> None:
    """To the byte, in every table."""
    assert erased.others_changed == []


def test_the_register_of_consent_is_told(erased: Erased) -> None:
    """By the digest of her address: the exchange deletes what it holds."""
    assert erased.address in erased.told_the_register
