"""Requests of people as cases: a day by which they are answered, a log, and no value of the person in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.segment.on_audit import tell_due_cases
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.case import (
    ANSWER_WITHIN,
    LIFTABLE,
    WARN_BEFORE,
    Case,
    CaseState,
    Due,
    Right,
    WrongState,
    due_of,
    new_case,
)
from shared.domain.privacy.erasure import CONFIRM_AFTER, PROOF_KEPT
from shared.stores.cases import PK, Cases
from tests.support.cases import also_long, cases
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, WEB_KEY
from tests.unit.privacy.shop import MARK, Shop42, marked

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def ask(shop: Shop42, right: str, who: str = "user:42", number: str = "") -> dict[str, object]:
    status, case = shop.world.post(f"/v1/customers/{who}/cases", {"right": right, "number": number}, ADMIN_KEY)
    assert status == 201
    return dict(case)


def decide(shop: Shop42, case: dict[str, object], action: str, **more: str) -> tuple[int, dict[str, object]]:
    status, answer = shop.world.post(f"/v1/cases/{case['id']}", {"action": action, **more}, ADMIN_KEY)
    return status, dict(answer)


def test_a_case_has_thirty_days(shop: Shop42) -> None:
    """Urgent in its last week, overdue behind it; once it is answered neither."""
    case = ask(shop, "export", number="KVKK-7")
    assert (case["state"], case["number"], case["urgent"], case["overdue"]) == ("open", "KVKK-7", False, False)
    for days, urgent, overdue in ((22.9, False, False), (23, True, False), (30, True, False), (30.1, True, True)):
        asked = datetime.fromisoformat(str(case["requested_at"]))
        shop.world.clock.time = asked + timedelta(days=days)
        [one] = shop.world.get("/v1/cases", query={"state": "waiting"})[1]["items"]
        assert (one["urgent"], one["overdue"]) == (urgent, overdue)
    status, done = decide(shop, case, "carry_out")
    assert (status, done["state"], done["in_time"], done["overdue"]) == (200, "done", False, False)
    assert shop.world.get("/v1/cases", query={"state": "waiting"})[1]["items"] == []


def test_asking_again_finds_the_case_that_waits(shop: Shop42) -> None:
    """By any identifier of the person; another right, or one that was answered, is another case."""
    first = ask(shop, "restrict")
    address = "email%3Acanary%40example.com"
    status, again = shop.world.post(f"/v1/customers/{address}/cases", {"right": "restrict"}, ADMIN_KEY)
    assert (status, again["id"]) == (200, first["id"])
    assert ask(shop, "object")["id"] != first["id"]
    decide(shop, first, "refuse", reason="unfounded")
    assert ask(shop, "restrict")["id"] != first["id"]
    assert len(shop.world.get("/v1/customers/anonymous:own-browser/cases")[1]["items"]) == 3


def test_an_erasure_answers_its_case(shop: Shop42) -> None:
    """It runs until everything is erased; its log outlives the person by three years, without a value of his."""
    case = ask(shop, "erase", number="KVKK-8")
    _, running = decide(shop, case, "carry_out")
    assert running["state"] == "running"
    shop.work()
    done = shop.world.get(f"/v1/cases/{case['id']}")[1]
    assert (done["state"], done["in_time"]) == ("done", True)
    proof = shop.world.get(f"/v1/erasures/{done['erasure']}")[1]
    assert (proof["state"], proof["case"], proof["request"]) == ("erased", "KVKK-8", case["id"])
    assert MARK not in shop.everything()
    item = shop.world.catalog.get(PK, str(case["id"]))
    assert item is not None
    answered = datetime.fromisoformat(done["answered_at"])
    assert item["expires"] == int((answered + PROOF_KEPT).timestamp())
    assert decide(shop, done, "carry_out")[0] == 409


def test_the_short_way_to_erase_is_a_case_too(shop: Shop42) -> None:
    """`POST /erasure` opens a case and carries it out; the second look does not answer it again."""
    shop.ask()
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    [case] = shop.world.get("/v1/customers/user:42/cases")[1]["items"]
    assert [one["state"] for one in case["log"]] == ["open", "running", "done"]
    assert shop.world.get(f"/v1/erasures/{case['erasure']}")[1]["state"] == "confirmed"


def test_an_erasure_that_was_begun_by_half_goes_on(shop: Shop42) -> None:
    """Who asked died before it was queued and before the case was written: asking again queues it, and the worker
    answers the case."""
    case = ask(shop, "erase")
    before = Cases(shop.world.catalog).get(str(case["id"]))
    decide(shop, case, "carry_out")
    shop.world.erasures.bodies.clear()
    item = shop.world.catalog.get(PK, str(case["id"]))
    assert item is not None
    assert before is not None
    shop.world.catalog.put(
        {name: value for name, value in item.items() if name != "erasure"}
        | {"log": item["log"][:1], "version": before.version}
    )
    assert shop.ask()[0] == 200
    shop.work()
    assert shop.world.get(f"/v1/cases/{case['id']}")[1]["state"] == "done"
    assert MARK not in shop.everything()


@pytest.mark.parametrize("who", ["user:42", "email%3Acanary%40example.com"])
def test_a_new_life_can_be_erased_again(shop: Shop42, who: str) -> None:
    """Thirty days later the mark refuses nothing more, though it may lie there still: what came since is erased by an
    erasure of its own, and a restriction can be written on it."""
    first = decide(shop, ask(shop, "erase"), "carry_out")[1]["erasure"]
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    shop.world.clock.advance(timedelta(days=31))
    told(shop.world, type="identify", traits={"email": "canary@example.com", **marked("new")}, messageId="new-life")
    shop.fold()
    assert shop.world.customers.get(shop.world.keys(parse_identifier("user:42")), "erased") is not None
    assert decide(shop, ask(shop, "restrict", who), "carry_out")[0] == 200
    case = ask(shop, "erase", who)
    assert decide(shop, case, "carry_out")[1]["erasure"] != first
    shop.work()
    assert MARK not in shop.everything()
    assert shop.world.get(f"/v1/cases/{case['id']}")[1]["state"] == "done"


def test_two_cases_of_one_erasure_are_both_done(shop: Shop42) -> None:
    """Asked by the account and by its address before the worker came: one erasure, and nobody waits for ever."""
    first, address = ask(shop, "erase"), shop.world.keys(parse_identifier("email:canary@example.com"))
    second = Cases(shop.world.catalog).put(new_case("second", Right.ERASE, address, NOW, "store"))
    begun = [decide(shop, {"id": name}, "carry_out")[1]["erasure"] for name in (first["id"], second.id)]
    assert begun[0] == begun[1]
    shop.work()
    for name in (first["id"], second.id):
        assert shop.world.get(f"/v1/cases/{name}")[1]["state"] == "done"


def test_the_audit_tells_how_many_cases_are_due(shop: Shop42, capsys: pytest.CaptureFixture[str]) -> None:
    """As counters, also none: the alarms a week and two days before the day watch them. What is answered is none."""
    case, later = ask(shop, "export"), timedelta(days=28, minutes=1)
    asked = datetime.fromisoformat(str(case["requested_at"]))
    assert tell_due_cases(shop.world.catalog, asked) == Due()
    assert tell_due_cases(shop.world.catalog, asked + later) == Due(1, 1, 0)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["CasesDueWithinWeek"], one["CasesDueWithinTwoDays"]) for one in told] == [
        ([0.0], [0.0]),
        ([1.0], [1.0]),
    ]
    decide(shop, case, "carry_out")
    assert tell_due_cases(shop.world.catalog, asked + later) == Due()


def test_what_cannot_be_done_is_refused(shop: Shop42) -> None:
    """With a sentence that says what to do, and nothing is written."""
    case = ask(shop, "export")
    assert decide(shop, case, "refuse")[0] == 400
    assert decide(shop, case, "refuse", reason="because of Ayşe")[0] == 400
    assert decide(shop, case, "lift")[0] == 409
    assert shop.world.post("/v1/cases/none", {"action": "carry_out"}, ADMIN_KEY)[0] == 404
    assert shop.world.post(f"/v1/cases/{case['id']}", {"action": "carry_out"}, WEB_KEY)[0] == 403
    assert shop.world.post("/v1/customers/user:nobody/cases", {"right": "erase"}, ADMIN_KEY)[0] == 404
    assert shop.world.post("/v1/customers/user:42/cases", {"right": "everything"}, ADMIN_KEY)[0] == 400
    named = {"right": "erase", "number": "ayse@example.com"}
    assert shop.world.post("/v1/customers/user:42/cases", named, ADMIN_KEY)[0] == 400
    assert shop.world.get("/v1/cases", query={"state": "late"})[0] == 400
    assert shop.world.get(f"/v1/cases/{case['id']}")[1]["state"] == "open"


def test_no_case_holds_a_value_of_the_person(shop: Shop42) -> None:
    """Digests, words and times; the identifier that it was asked by is not among them."""
    for right in Right:
        decide(shop, ask(shop, right.value, who="email%3Acanary%40example.com"), "carry_out")
    shop.work()
    held = "\n".join(str(item) for item in shop.world.catalog.items() if str(item["pk"]).startswith("case"))
    assert held.count("'right':") == 4
    for value in (MARK, "user:42", "anonymous", "@"):
        assert value not in held
    assert shop.world.keys(parse_identifier("user:42")) in held


MOVES = st.lists(
    st.tuples(st.sampled_from(CaseState), st.integers(0, 50 * 24).map(lambda hours: timedelta(hours=hours))),
    max_size=4,
)
PERMITTED = {
    ("open", "running"), ("open", "done"), ("open", "refused"), ("running", "done"), ("running", "refused"),
    ("done", "lifted"),
}  # fmt: skip


@given(st.sampled_from(Right), MOVES)
@also_long
@cases(66)
def test_a_case_goes_only_forward(right: Right, moves: Sequence[tuple[CaseState, timedelta]]) -> None:
    """Against the list of permitted steps; what is answered stays answered, and only then it may be forgotten."""
    case = new_case("c", right, "u.x", NOW, "store")
    at, path = NOW, ["open"]
    for state, after in moves:
        at += after
        permitted = (path[-1], state.value) in PERMITTED and (state is not CaseState.LIFTED or right in LIFTABLE)
        try:
            case = case.moved(state, at, "store")
        except WrongState:
            assert not permitted
            continue
        assert permitted
        path.append(state.value)
    _check(case, path, at)


def _check(case: Case, path: list[str], now: datetime) -> None:
    assert [entry.state.value for entry in case.log] == path
    waits = path[-1] in {"open", "running"}
    assert case.waits is waits
    assert case.overdue(now) is (waits and now - NOW > ANSWER_WITHIN)
    assert case.urgent(now) is (waits and now - NOW >= ANSWER_WITHIN - WARN_BEFORE)
    assert case.pressing(now) is (waits and now - NOW >= timedelta(days=28))
    assert due_of([case, case], now) == Due(*(2 * told(now) for told in (case.urgent, case.pressing, case.overdue)))
    answers = [entry.at for entry in case.log if entry.state.value in {"done", "refused"}]
    assert case.in_time == (answers[0] - NOW <= ANSWER_WITHIN if answers else None)
    in_force = path[-1] == "done" and case.right in LIFTABLE
    assert (case.kept_until is None) is (waits or in_force)
