"""The parts of a taking back, side by side: the same in the end as one after the other, whoever dies in between."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from functools import cached_property, partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent.forged_withdrawals import Attack
from shared.domain.events.event_names import WITHDRAWAL_TAKEN_BACK
from shared.operators import forged_withdrawals
from shared.operators.forged_withdrawals import Walk
from shared.ports import Conflict
from shared.queries.attacked_customer import AttackedCustomer
from shared.stores.consent_items import statements
from shared.stores.taking_backs import TakingBack, TakingBacks, new_taking_back
from shared.stores.withdrawal_pointers import SHARDS
from tests.support.cases import UNIT, cases
from tests.support.interleaving import Turns, TurnTable
from tests.unit.admin.test_taking_back import MINUTE, Attacked, address, counted
from tests.unit.admin.test_taking_back_leaves import replaced
from tests.unit.ingest.world import WEB_KEY

pytestmark = UNIT
CUSTOMERS = 6
FORGERIES = st.lists(st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, CUSTOMERS - 1), st.booleans()), max_size=9)
"""By whose id, for whose address, and whether an address is named at all."""


def attacked(forged: list[tuple[int, int, bool]], flood: int = 0) -> Attacked:
    shop = Attacked(CUSTOMERS)
    for number, whose, named in forged:
        shop.forge(number, address=address(whose) if named else None)
    if flood:
        flooded(shop, flood)
    shop.later()
    return shop


def flooded(shop: Attacked, statements_: int) -> None:
    """Invented customers withdraw for one address, which becomes full."""
    said = {"channel": "email", "address": address(0)}
    batch = [
        {"type": "track", "event": "Consent Withdrawn", "userId": f"n{number}", "messageId": f"n{number}",
         "properties": said}
        for number in range(statements_)
    ]  # fmt: skip
    assert shop.world.post("/v1/batch", {"batch": batch}, key=WEB_KEY)[0] == 200


def begun(shop: Attacked) -> TakingBack:
    now = shop.world.clock.now()
    asked = new_taking_back(Attack("web", shop.begin, now - 2 * MINUTE), "ops", "a script", now)
    return TakingBacks(shop.world.catalog).put(asked)


def walk(shop: Attacked, id_: str, part: int, pages: Callable[[], bool] = lambda: False) -> None:
    """One part until it is done, as the command asks for it."""
    operations = TakingBacks(shop.world.admin.catalog)
    while True:
        held = operations.get(id_)
        assert held is not None
        if part not in held.marks:
            return
        work = Walk(shop.world.admin, held, dry=False)
        mark = work.run(held.marks[part], pages)
        with suppress(Conflict):  # the part is asked for again
            operations.advance(held, part, mark, work.counts)


def ended(shop: Attacked, id_: str) -> Any:
    """What counts again, what is said in each partition, the events of each log, and the counts of the operation. Ids
    and times differ."""
    table = shop.world.customers
    places = sorted({item["pk"] for item in table.items()})
    said = {
        place: sorted(
            (one.name, one.run, one.granted, one.origin, one.takes_back is not None)
            for one, _ in statements(table, place)
            if one.takes_back is None
        )
        for place in places
    }
    words = Counter(
        (place, one.name) for place in places for one, _ in statements(table, place) if one.takes_back is not None
    )
    events = Counter(item["pk"] for item in table.items() if item.get("name") == WITHDRAWAL_TAKEN_BACK)
    held = TakingBacks(shop.world.catalog).get(id_)
    assert held is not None
    assert not held.marks
    return [shop.granted(number) for number in range(CUSTOMERS)], said, words, events, dict(held.counts)


@pytest.fixture(scope="module", autouse=True)
def _no_lock_of_properties() -> Iterator[None]:
    """Python 3.11 computes a cached property of one object at a time. A worker that waits for its turn meanwhile would
    stop all others; a function has one thread."""
    held = [one for one in vars(AttackedCustomer).values() if isinstance(one, cached_property)]
    locks = [(one, vars(one)["lock"]) for one in held if "lock" in vars(one)]
    for one, _ in locks:
        vars(one)["lock"] = nullcontext()
    yield
    for one, lock in locks:
        vars(one)["lock"] = lock


@cases(15, 1_000)
@given(forged=FORGERIES, flood=st.sampled_from([0, 14]), seed=st.integers(0, 2**32), dies=st.sampled_from([0.0, 0.05]))
def test_parts_side_by_side_end_as_one_after_the_other(
    forged: list[tuple[int, int, bool]], flood: int, seed: int, dies: float
) -> None:
    """Each call of any table is a turn, after which the function may die. Two workers walk each part."""
    quiet, busy = attacked(forged, flood), attacked(forged, flood)
    calm = begun(quiet)
    for part in range(SHARDS):
        walk(quiet, calm.id, part)
    asked = begun(busy)
    for name in ("customers", "catalog", "metrics"):
        busy.world.admin = replaced(busy, name, TurnTable(getattr(busy.world, name)))
    parts = [part for part in range(SHARDS) for _ in range(2)]
    Turns(random.Random(seed), dies).run([partial(walk, busy, asked.id, part) for part in parts])
    assert ended(busy, asked.id) == ended(quiet, calm.id)


def test_a_run_that_many_pointers_lead_to_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty invented customers withdraw for one address: its runs are found from each of them, in any part and page.
    The dry run and the operation count as many as there are."""
    monkeypatch.setattr(forged_withdrawals, "MOST", 1)
    shop = attacked([], flood=60)
    table = shop.world.customers
    there = [
        (place, one.name[:3] if one.run is None else one.name)
        for place in sorted({item["pk"] for item in table.items()})
        for one, _ in statements(table, place)
        if one.public and not one.granted
    ]
    runs = [one for place, one in there if place == shop.key(f"email:{address(0)}")]
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    dry = Counter[str]()
    for part in range(SHARDS):
        cursor: str | None = ""
        while cursor is not None:
            answer = shop.ask(dry_run=True, part=part, **({"cursor": cursor} if cursor else {}), **span)
            dry.update({name: number for name, number in answer["counts"].items() if name != "left_out"})
            cursor = answer["cursor"]
    folded = sum(one.run is not None for one, _ in statements(table, shop.key(f"email:{address(0)}")))
    assert folded >= 1
    assert runs
    operation = shop.ask(**span)["operation"]
    answer = {"done": False}
    while not answer["done"]:
        answer = shop.ask(operation=operation, **span)
    assert answer["counts"]["withdrawals"] == dry["withdrawals"] == 60 + folded
    assert answer["counts"]["taken_back"] == dry["taken_back"] == 60 + folded
    assert shop.granted(0)


def test_a_part_is_asked_for_by_its_number() -> None:
    """The operation is done when all its parts are; one that is done is asked for in vain."""
    shop = attacked([(number, number, True) for number in range(CUSTOMERS)])
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    begun_ = shop.ask(**span)
    assert (begun_["parts_left"], begun_["done"]) == (list(range(SHARDS)), False)
    for part in range(SHARDS):
        answer = shop.ask(operation=begun_["operation"], part=part, **span)
        assert answer["parts_left"] == list(range(part + 1, SHARDS))
        assert answer["done"] is (part == SHARDS - 1)
        assert shop.ask(operation=begun_["operation"], part=part, **span) == answer
    assert counted(answer) == {"withdrawals": 6, "taken_back": 6, "granted_again": 6}


def test_the_cursor_of_another_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forged_withdrawals, "MOST", 1)
    shop = attacked([(number, number, True) for number in range(CUSTOMERS)])
    pages = [shop.ask(dry_run=True, part=part) for part in range(SHARDS)]
    cursor, part = next((one["cursor"], part) for part, one in enumerate(pages) if one["cursor"])
    assert "cursor" in shop.refused(400, dry_run=True, part=(part + 1) % SHARDS, cursor=cursor)["message"]
    for wrong in (-1, SHARDS, "1"):
        shop.refused(400, dry_run=True, part=wrong)


def test_only_one_request_goes_on_with_a_part() -> None:
    """The other one's counts would count twice; another part's do not get lost."""
    shop = attacked([])
    operations = TakingBacks(shop.world.catalog)
    held = begun(shop)
    operations.advance(held, 3, None, {"taken_back": 3})
    after = operations.advance(held, 4, "2026-11-22#4#x", {"taken_back": 4, "left_out.himself": 1})
    assert after.counts == {"taken_back": 7, "left_out.himself": 1}
    assert (set(after.marks), after.marks[4]) == ({0, 1, 2, 4, 5, 6, 7}, "2026-11-22#4#x")
    for part in (3, 4):
        with pytest.raises(Conflict):
            operations.advance(held, part, None, {"taken_back": 1})
    assert operations.get(held.id) == after


def test_an_answer_tells_of_a_request_that_goes_on_now(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = attacked([(0, 0, True)])
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    operation = shop.ask(**span)["operation"]
    held = TakingBacks(shop.world.catalog).get(operation)
    assert held is not None
    run = Walk.run

    def meanwhile(self: Walk, begin: str, time_left: Callable[[], bool]) -> str | None:
        TakingBacks(shop.world.catalog).advance(held, 0, None, {})
        return run(self, begin, time_left)

    monkeypatch.setattr(Walk, "run", meanwhile)
    assert shop.refused(409, operation=operation, part=0, **span)["error"] == "in_progress"
