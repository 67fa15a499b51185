"""Search finds who is meant, at once after the name is known, in bounded reads, and nobody who was erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.memory import MemoryTable
from shared.domain.facts.facts import Facts
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.profile.search_terms import matches, name_words, words_of
from shared.operators.search import LOOKED_AT, ON_A_PAGE, find_customers
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from tests.support.cases import also_long, cases
from tests.support.world import KEYS, NOW, Rules, Timers, event
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import World
from tests.unit.privacy.shop import Shop42

pytestmark = pytest.mark.unit


def _find(world: World, text: str, **query: str) -> list[str]:
    status, answer = world.get("/v1/customers", query={"q": text, **query})
    assert status == 200
    return [item["identifiers"][0] for item in answer["items"]]


def _index(world: World) -> list[Any]:
    return [item for item in world.customers.items() if item["pk"].startswith("find#") or item["sk"] == "names"]


def _places(world: World, name: str) -> tuple[set[str], set[str]]:
    """Where names lead to an identifier, as they stand and as they are listed."""
    key = world.keys(parse_identifier(name))
    stand = [item for item in world.customers.items() if item["pk"].startswith("find#")]
    listed = world.customers.get(key, "names")["places"]  # type: ignore[index]
    return {item["pk"] for item in stand if item["sk"].endswith(f"#{key}")}, {
        pk for pks in listed.values() for pk in pks
    }


@pytest.fixture
def world() -> World:
    """Ayşe has a card, an address, a number and an order; Ayşegül and Mehmet are others."""
    world = World()
    told(world, type="identify", userId="42", traits={"firstName": "Ayşe", "lastName": "Işık"})
    told(world, type="identify", userId="42", traits={"email": "Ayse@Example.com", "phone": "+905321112233"})
    told(world, userId="42", context={"externalIds": [{"type": "loyalty", "id": "L-7"}]}, event="Card Shown")
    told(world, userId="42", event="Order Completed", properties={"order_id": "S-2434", "total": 10})
    told(world, type="identify", userId="43", traits={"name": "Ayşegül Demir"})
    told(world, type="identify", userId="44", traits={"name": "Mehmet Işıkoğlu"})
    fold(world)
    return world


@pytest.mark.parametrize(
    ("text", "found", "by"),
    [
        ("ayse", ["user:43", "user:42"], "name"), ("AYSE ISIK", ["user:42"], "name"), ("mehmet", ["user:44"], "name"),
        ("ışık", ["user:44", "user:42"], "name"), ("ayşegül", ["user:43"], "name"), ("isi meh", ["user:44"], "name"),
        ("ayse@example.com", ["user:42"], "email"), ("0532 111 22 33", ["user:42"], "phone"),
        ("L-7", ["user:42"], "card"), ("s-2434", ["user:42"], "order"), ("#S-2434", ["user:42"], "order"),
        ("42", ["user:42"], "user"), ("email:AYSE@example.com", ["user:42"], "email"), ("ay", [], ""),
        ("nobody", [], ""), ("🙂", [], ""),
    ],
)  # fmt: skip
def test_a_customer_is_found(world: World, text: str, found: list[str], by: str) -> None:
    """By whatever the agent has at hand; of a name the newest first."""
    status, answer = world.get("/v1/customers", query={"q": text})
    assert status == 200
    assert [item["identifiers"][0] for item in answer["items"]] == found
    assert {item["found_by"] for item in answer["items"]} <= {by}
    assert answer["cursor"] is None


def test_what_is_found_says_who_it_is(world: World) -> None:
    """Name, identifiers, orders and segments, so that nobody opens the wrong one of two."""
    _, answer = world.get("/v1/customers", query={"q": "ayşe ışık"})
    [item] = answer["items"]
    assert item["name"] == "Ayşe Işık"
    assert item["orders"] == 1
    assert "loyalty:L-7" in item["identifiers"]


def test_a_question_that_is_none_is_refused(world: World) -> None:
    """With a sentence that says what to write; also a cursor of another list."""
    for query in (
        {},
        {"q": "  "},
        {"q": "x" * 201},
        {"q": "ayse", "cursor": "WyJsaW5rcyJd"},
        {"q": "a", "cursor": "%"},
    ):
        assert world.get("/v1/customers", query=query)[0] == 400
    assert world.get("/v1/customers", "web-key", {"q": "ayse"})[0] == 403


def test_a_new_name_replaces_the_old_one(world: World) -> None:
    """Whoever searches for the old one finds nobody; what is left in the index is listed for an erasure."""
    told(world, type="identify", userId="44", traits={"name": "Zeynep Kaya"})
    fold(world)
    assert _find(world, "mehmet") == []
    assert _find(world, "zeynep") == ["user:44"]
    assert _find(world, "kaya zey") == ["user:44"]
    places, listed = _places(world, "user:44")
    assert places == listed


@pytest.mark.parametrize(("source", "found"), [("web-key", []), ("store-key", ["user:44"])])
def test_a_flood_of_names_leaves_room_for_a_trusted_one(world: World, source: str, found: list[str]) -> None:
    """Of invented names so many are kept; then a trusted source's name is found still, a public one's not."""
    for number in range(60):
        told(world, "web-key", type="identify", userId="46", traits={"name": f"{chr(97 + number % 26) * 4}{number}xyz"})
        fold(world)
    assert 140 < len(_places(world, "user:46")[0]) <= 150
    told(world, source, type="identify", userId="46", traits={"name": "Zeynep Kaya"})
    fold(world)
    assert _find(world, "zeynep") == [name.replace("44", "46") for name in found]
    places, listed = _places(world, "user:46")
    assert places == listed


def test_a_name_that_is_said_again_costs_nothing(world: World) -> None:
    """SDKs identify somebody on each page: only a name that changed is written."""
    before = _index(world)
    told(world, type="identify", userId="44", traits={"name": "Mehmet Işıkoğlu"})
    fold(world)
    assert _index(world) == before  # the list of a name has a version, which each write raises


def test_nothing_of_a_name_is_in_the_table(world: World) -> None:
    """The index holds digests: who reads it learns no name and no order number."""
    text = repr(_index(world)).lower()
    assert len(_index(world)) > 20
    assert not [word for word in ("ayse", "isik", "mehmet", "s-2434", "demir") if word in text]


def test_who_was_erased_is_not_found() -> None:
    """Neither by the name, nor by an order, and no item leads to an identifier of the person."""
    shop = Shop42()
    told(shop.world, type="identify", userId="42", traits={"name": "Ayşe Yılmaz"})
    told(shop.world, type="identify", userId="77", traits={"name": "Ayşe Kaya"})
    shop.fold()
    assert sorted(_find(shop.world, "ayse")) == ["user:42", "user:77"]
    homes = set(load_tree(CustomerStore(shop.world.customers), shop.world.keys(parse_identifier("user:42"))).keys)
    shop.ask()
    shop.work()
    assert _find(shop.world, "ayse") == ["user:77"]
    assert _find(shop.world, "canary-1") == []
    assert _find(shop.world, "theirs") == ["user:77"]
    places = [item["sk"] for item in shop.world.customers.items() if item["pk"].startswith("find#")]
    assert not [sk for sk in places if sk.rpartition("#")[2] in homes]


def test_an_order_that_facts_forgot_leads_to_nobody_after_an_erasure() -> None:
    """A claim cut it from the facts; its event stands in the log, and its place in the index."""
    shop = Shop42()
    store, key = CustomerStore(shop.world.customers), shop.world.keys(parse_identifier("user:42"))
    held = store.control(key).facts
    assert held is not None
    assert _find(shop.world, "canary-1") == ["user:42"]
    store.put_facts(key, replace(held, facts=Facts(), version=held.version + 1), previous=held.version)
    shop.ask()
    shop.work()
    places = [item["sk"] for item in shop.world.customers.items() if item["pk"].startswith("find#")]
    assert key not in [sk.rpartition("#")[2] for sk in places]


def test_a_name_that_thousands_have_costs_a_bounded_page(world: World) -> None:
    """Newest first, page by page, each once, and no page reads more than its bound."""
    for number in range(70):
        told(world, type="identify", userId=f"m{number}", traits={"name": f"Mehmet Kaya{number}"})
    fold(world)
    found: list[str] = []
    cursor: str | None = None
    pages = 0
    while True:
        world.customers.usage.reset()
        query = {"q": "mehmet"} | ({"cursor": cursor} if cursor else {})
        _, answer = world.get("/v1/customers", query=query)
        assert len(answer["items"]) <= ON_A_PAGE
        assert world.customers.usage.requests <= LOOKED_AT + 10
        found += [item["identifiers"][0] for item in answer["items"]]
        cursor, pages = answer["cursor"], pages + 1
        if cursor is None:
            break
    assert found == [f"user:m{number}" for number in reversed(range(70))] + ["user:44"]
    assert pages == 4


NAMES = st.sampled_from(["Ayşe", "Ayşegül", "AYSE", "Işık", "İbrahim", "ıssız", "Can", "Cansu", "Öz", "", "Ayşe Işık"])


@also_long
@cases(20, 1_900)
@given(
    st.lists(st.tuples(st.integers(0, 3), NAMES, st.booleans()), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from(["ayse", "AYŞ", "isi", "ışık", "ibr", "can", "cansu", "iss", "ayse isi", "öz"]),
)
def test_search_is_as_brute_force(said: list[tuple[int, str, bool]], order: Any, asked: str) -> None:
    """Whoever was named however often, in any order and any batches: found are exactly those whose name begins so."""
    from functions.segment.batch import Batch
    from functions.segment.service import Segmentation

    table = MemoryTable(sized=False, indexes=("live", "members"))
    world = World()
    world.customers = table
    segmentation = Segmentation(CustomerStore(table), Timers(), KEYS, Rules())
    events = [
        event("identify", [f"user:u{who}"], at=NOW + timedelta(minutes=place), trusted=trusted, traits={"name": name})
        for place, (who, name, trusted) in enumerate(said)
    ]
    order.shuffle(events)
    for one in [*events, *events[:2]]:
        segmentation.fold([Batch(KEYS(one.owner), [one])], NOW + timedelta(hours=1))
    roots = {KEYS(parse_identifier(f"user:u{who}")) for who, _, _ in said}
    expected = {
        root
        for root in roots
        if matches(words_of(asked), name_words(_traits(table, root))) and max(map(len, words_of(asked))) >= 3
    }
    object.__setattr__(world.admin, "customers", table)
    object.__setattr__(world.admin, "keys", KEYS)
    found = [item["id"] for item in find_customers(world.admin, {"q": asked})["items"]]
    assert len(found) == len(set(found))
    assert set(found) == expected


def _traits(table: MemoryTable, root: str) -> dict[str, Any]:
    return {name: trait.value for name, trait in load_tree(CustomerStore(table), root).profile().traits.items()}
