"""What a taking back leaves as it is, each with its reason; what a request must say; and deaths between its writes."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import Consent, FoldedRun
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import Attack
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.iys.record import Record
from shared.domain.iys.statement import Known, State, Statement, Status
from shared.domain.privacy.held_rights import Held, Mark
from shared.operators.forged_withdrawals import Walk
from shared.stores.consent_items import consent_items, statements
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.right_marks import put_right_marks
from shared.stores.taking_backs import new_taking_back
from tests.support.backfills import Fuse, FusedTable
from tests.support.interleaving import Crash
from tests.unit.admin.test_taking_back import HOUR, MINUTE, Attacked, address, counted
from tests.unit.ingest.world import WEB_KEY

pytestmark = pytest.mark.unit
ACCOUNT = {"code": 1, "brand": 2}


def register(shop: Attacked) -> IysRecords:
    """The shop has an account at the register of consent."""
    Releases(shop.world.catalog).publish(Release(0, Shop.model_validate({"name": "Kervan", "iys": ACCOUNT})))
    return shop.world.admin.iys.of_account("1-2")


def record(
    shop: Attacked, number: int, *, told: Status | None = None, pending: Status | None = None, due: Status | None = None
) -> Record:
    now = shop.world.clock.now()
    states: list[tuple[Status | None, State]] = [(pending, "pending"), (due, "due")]
    said = [Statement(status, now, "HS_WEB", now, state=state) for status, state in states if status is not None]
    known = None if told is None else Known(told, now - HOUR)
    key = shop.key(f"email:{address(number)}")
    return Record(key, "BIREYSEL", "EPOSTA", address(number), known=known, statements=tuple(said))


def test_where_the_register_was_told_the_withdrawal_stays() -> None:
    """It holds a refusal, or one is on its way. What is only planned is no reason, and neither is another purpose."""
    shop = Attacked(5)
    records = register(shop)
    held: list[dict[str, Any]] = [
        {"told": "RET"}, {"told": "ONAY", "pending": "RET"}, {"told": "ONAY", "due": "RET"}, {"told": "ONAY"}, {},
    ]  # fmt: skip
    for number, states in enumerate(held):
        records.put(record(shop, number, **states))
        shop.forge(number)
    shop.forge(0, purpose="news")
    assert counted(shop.take_back()) == {
        "withdrawals": 6, "taken_back": 4, "granted_again": 3, "left_out": {"at_register": 2},
    }  # fmt: skip
    assert [shop.granted(number) for number in range(5)] == [False, False, True, True, True]


def test_a_withdrawal_without_an_address_is_told_for_any_of_them() -> None:
    shop = Attacked(1)
    register(shop).put(record(shop, 0, told="RET"))
    shop.tell(WEB_KEY, 0, "Consent Withdrawn", channel="email")
    assert counted(shop.take_back())["left_out"] == {"at_register": 1}


def test_the_register_is_told_while_the_word_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing goes out: a refusal of this deployment holds, so that both say the same."""
    shop = Attacked(1)
    records = register(shop)
    shop.forge(0)
    shop.later()
    put = shop.world.customers.put

    def told(item: Any, **more: Any) -> None:
        put(item, **more)
        if "takes_back" in item and not records.of([item["pk"]]):
            records.put(record(shop, 0, told="ONAY", pending="RET"))

    monkeypatch.setattr(shop.world.customers, "put", told)
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    answer = shop.ask(operation=shop.ask(**span)["operation"], **span)
    assert counted(answer) == {"withdrawals": 1, "left_out": {"at_register": 1}}
    assert not shop.granted(0)
    said = [one for one, _ in statements(shop.world.customers, shop.key("user:u0"))]
    assert [one.origin for one in said if one.source == "kervan" and not one.granted] == ["told_at_register"]


def test_erased_and_restricted_people_are_left_alone() -> None:
    shop = Attacked(3)
    for number in range(3):
        shop.forge(number)
    table, home = shop.world.customers, shop.key("user:u1")
    table.put({"pk": shop.key("user:u0"), "sk": "erased", "until": 0, "erasure": "e"})
    put_right_marks(table, [home], Mark(Held.RESTRICT, "case-1", home, shop.world.clock.now()))
    assert counted(shop.take_back()) == {
        "withdrawals": 3, "taken_back": 1, "granted_again": 1, "left_out": {"erased": 1, "restricted": 1},
    }  # fmt: skip


def test_who_was_erased_since_gets_no_event() -> None:
    """A run stays under his address, with the word about it. Going on with the operation, or another one, writes
    nothing into his log."""
    shop = Attacked(1)
    now = shop.world.clock.now()
    shop.forge(0)
    table, key = shop.world.customers, shop.key(f"email:{address(0)}")
    [forged] = [one for one, _ in statements(table, key) if one.public]
    run = replace(forged, run=FoldedRun(now, now, 9, now))  # it was the last of those that were folded
    [item] = consent_items(ConsentRecord((key,), run), trusted=False)
    table.put({**item, "sk": "consent#folded#07#p"})
    assert counted(shop.take_back())["taken_back"] == 2
    for row in table.items():
        if row["sk"].startswith("t#"):
            table.delete(row["pk"], row["sk"])
    table.put({"pk": key, "sk": "erased", "until": 0, "erasure": "e"})
    assert counted(shop.take_back())["already"] >= 1
    assert [row for row in table.items() if row["sk"].startswith("t#")] == []


def test_who_confirmed_it_and_whose_event_is_gone() -> None:
    """His own no was stored since; or nobody can say who made the withdrawal."""
    shop = Attacked(3)
    for number in range(3):
        shop.forge(number)
    now = shop.world.clock.now()
    home = shop.key("user:u0")
    own = Consent("email", "marketing", False, now, now, False, "kervan", "own", origin="preference_page")
    shop.world.customers.put_many(consent_items(ConsentRecord((home,), own), trusted=True))
    log = shop.world.customers.query(shop.key("user:u1"), prefix="t#").items
    shop.world.customers.delete(log[-1]["pk"], log[-1]["sk"])
    assert counted(shop.take_back()) == {
        "withdrawals": 3, "taken_back": 1, "granted_again": 1, "left_out": {"confirmed": 1, "no_event": 1},
    }  # fmt: skip


def test_runs_of_a_flood_are_taken_back_as_a_whole_or_not_at_all() -> None:
    """One that is wholly of the attack goes; one that began before, or that has several sources, stays."""
    shop = Attacked(3)
    now = shop.world.clock.now()
    for number, (first, source) in enumerate(((now, "web"), (now - HOUR, "web"), (now, "*"))):
        shop.forge(number)
        home = shop.key(f"user:u{number}")
        [forged] = [one for one, _ in statements(shop.world.customers, home) if one.public]
        run = FoldedRun(first, now, 9, now, widened=True)
        item = {
            **consent_items(
                ConsentRecord((home,), replace(forged, message_id="last", run=run, source=source)), trusted=False
            )[0]
        }
        shop.world.customers.put({**item, "sk": "consent#folded#07#p"})
    answer = counted(shop.take_back())
    assert (answer["taken_back"], answer["left_out"]) == (4, {"folded": 2})
    assert [shop.granted(number) for number in range(3)] == [True, False, False]


def test_several_withdrawals_of_one_customer_let_him_be_written_to_once() -> None:
    """All are taken back; the person is counted with the first. A widened run is found by two pointers, and is one."""
    shop = Attacked(1)
    now = shop.world.clock.now()
    for _ in range(2):
        shop.forge(0)
    shop.forge(0, address="other@example.com")
    home = shop.key("user:u0")
    forged = next(one for one, _ in statements(shop.world.customers, home) if one.public)
    run = FoldedRun(now, now, 9, now, widened=True)
    widened = replace(forged, message_id="last", run=run, address_key="", purpose="news")
    [item] = consent_items(ConsentRecord((home,), widened), trusted=False)
    shop.world.customers.put({**item, "sk": "consent#folded#18#p"})
    assert counted(shop.take_back()) == {"withdrawals": 4, "taken_back": 4, "granted_again": 1}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to": "2026-11-22T09:00:00Z"}, "before from"),
        ({"from": "2026-11-10T09:00:00Z"}, "7 days"),
        ({"to": "2026-11-22T11:29:30Z"}, "a minute ago"),
        ({"from": "2026-08-01T00:00:00Z", "to": "2026-08-02T00:00:00Z"}, "90 days"),
        ({"from": "yesterday"}, "times with a zone"),
        ({"from": "2026-11-22T11:00:00"}, "times with a zone"),
        ({"because": " "}, "1 to 200"),
        ({"because": "x" * 201}, "1 to 200"),
        ({"because": "a\x1b[31m"}, "on one line"),
        ({"dry_run": True, "cursor": "e30"}, "cursor"),
        ({"dry_run": True, "cursor": "InAi"}, "cursor"),
        ({"more": 1}, "the body has"),
    ],
)  # fmt: skip
def test_a_span_that_cannot_be_is_refused(more: dict[str, Any], words: str) -> None:
    shop = Attacked(1)
    shop.later()
    assert words in shop.refused(400, **more)["message"]


def test_a_name_that_no_key_can_hold_is_refused() -> None:
    shop = Attacked(1)
    shop.later()
    assert "200 characters" in shop.refused(400, source="x" * 201)["message"]


def test_a_span_with_microseconds_is_the_one_of_its_operation() -> None:
    """They are stored as milliseconds, like everything that reached us."""
    shop = Attacked(1)
    shop.forge(0)
    shop.later()
    span: dict[str, Any] = {"from": "2026-11-22T10:59:00.123456Z", "to": "2026-11-22T11:20:00.654321Z"}
    assert shop.ask(operation=shop.ask(**span)["operation"], **span)["counts"]["taken_back"] == 1


def test_a_call_stops_within_a_page_and_goes_on_behind_it() -> None:
    """One pointer may stand for 72 withdrawals, each of seven requests; the rest of a page is for the next call."""
    shop = Attacked(4)
    for number in range(4):
        shop.forge(number)
    shop.later()
    begin, end = shop.begin, shop.world.clock.now() - 2 * MINUTE
    asked = new_taking_back(Attack("web", begin, end), "ops", "a script", shop.world.clock.now())
    counts: list[int] = []
    for part in sorted(asked.marks):
        while part in asked.marks:
            walk = Walk(shop.world.admin, asked, dry=False)
            asked = asked.after(part, walk.run(asked.marks[part], lambda: False), walk.counts)
            counts.append(walk.counts["taken_back"])
    assert max(counts) == 1
    assert asked.counts["taken_back"] == 4
    assert all(shop.granted(number) for number in range(4))


def test_operations_are_told_apart() -> None:
    """One that is not there; one about another span; the deployment's own names."""
    shop = Attacked(1)
    shop.later()
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    operation = shop.ask(**span)["operation"]
    assert shop.refused(409, operation=operation, because="another", **span)["error"] == "another_operation"
    for unknown in ("x", "1796029320000-0a1b2c3d4e5f"):
        assert shop.refused(404, operation=unknown, **span)["error"] == "not_found"


def test_deaths_at_any_call_lose_and_double_nothing() -> None:
    """The operation is asked for again until it is done: all are taken back once, with one event in each log, and the
    counts are those of an undisturbed one."""
    quiet = played(None, "customers")
    for calls in range(1, 30):
        assert played(calls, "customers") == quiet, calls
    for calls in range(1, 6):
        assert played(calls, "catalog") == quiet, calls


def played(calls: int | None, table: str) -> Any:
    """The answer and what is stored at the end. The operation's id and time are always the same."""
    shop = Attacked(2)
    for number in range(2):
        shop.forge(number)
    shop.later()
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    operation = shop.ask(**span)["operation"]
    if calls is not None:
        memory, fuse = getattr(shop.world, table), Fuse(calls)
        shop.world.admin = replaced(shop, table, FusedTable(memory, fuse))
        with suppress(Crash):
            shop.ask(operation=operation, **span)
        shop.world.admin = replaced(shop, table, memory)
        shop.world.clock.advance(timedelta(seconds=5))
    answer = shop.ask(operation=operation, **span)
    told = [item for item in shop.world.customers.items() if item.get("name") == "Withdrawal Taken Back"]
    words = [item for item in shop.world.customers.items() if "takes_back" in item]
    return answer["counts"], len(told), len(words), [shop.granted(number) for number in range(2)]


def replaced(shop: Attacked, name: str, table: Any) -> Any:
    return dataclasses.replace(shop.world.admin, **{name: table})
