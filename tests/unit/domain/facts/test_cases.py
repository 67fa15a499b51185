"""Complaints, returns and refunds: which are open, whatever came first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.events.event_names import CASES, canonical_name
from shared.domain.facts.cases import MAX_CASES, MAX_CLOSINGS
from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.profile.profile import Case
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event

pytestmark = UNIT

KINDS = {"Complaint": "complaint", "Case": "complaint", "Return": "return", "Refund": "refund"}
OPENINGS = ("Opened", "Requested")


def of(events: Sequence[Event]) -> tuple[Case, ...]:
    facts = fold(Facts(), events, features())
    assert encode(fold(Facts(), list(reversed(events)), features())) == encode(facts)
    return profile_of("u.1", ("u.1",), (), decode(encode(facts))).cases


def at(minutes: int, name: str, /, **said: Any) -> Event:
    return event(name, ["user:u"], at=NOW + timedelta(minutes=minutes), id=f"{name}{minutes}{said}", **said)


def open_ids(*events: Event) -> list[str]:
    return [case.id for case in of(events) if case.open]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("Case Opened", "Case Resolved"), ("Case Opened", "Case Closed"), ("Complaint Opened", "Complaint Resolved"),
        ("Complaint Opened", "Complaint Closed"), ("Return Opened", "Return Closed"),
        ("Return Requested", "Return Completed"), ("Return Requested", "Return Cancelled"),
        ("Refund Requested", "Refund Completed"), ("Return Opened", "Order Refunded"),
        ("Refund Requested", "Order Refunded"),
    ],
)  # fmt: skip
def test_each_opening_has_its_closing(opening: str, closing: str) -> None:
    """Open from the opening on, closed from the closing on; a closing of another order closes nothing."""
    opened = at(0, opening, order_id="o1")
    [case] = of([opened])
    assert (case.id, case.kind, case.order_id, case.opened_at) == ("o1", KINDS[opening.split(maxsplit=1)[0]], "o1", NOW)
    assert case.open
    assert open_ids(opened, at(5, closing, order_id="o2")) == ["o1"]
    [case] = of([opened, at(5, closing, order_id="o1")])
    assert case.closed_at == NOW + timedelta(minutes=5)


def test_a_tie_closes_and_a_later_opening_opens_again() -> None:
    """Open and closed in one instant is closed; a closing from before the opening closes nothing."""
    assert open_ids(at(3, "Case Opened", case_id="c"), at(3, "Case Closed", case_id="c")) == []
    assert open_ids(at(3, "Case Opened", case_id="c"), at(2, "Case Closed", case_id="c")) == ["c"]
    again = [at(1, "Case Opened", case_id="c"), at(2, "Case Closed", case_id="c"), at(9, "Case Opened", case_id="c")]
    assert open_ids(*again) == ["c"]


def test_kinds_are_apart() -> None:
    """The end of a return is not the end of the complaint about the order; a refund of it ends both others."""
    three = [at(0, name, order_id="o") for name in ("Complaint Opened", "Return Requested", "Refund Requested")]
    assert [case.kind for case in of([*three, at(1, "Return Completed", order_id="o")]) if case.open] == [
        "complaint",
        "refund",
    ]
    assert [case.kind for case in of([*three, at(1, "Order Refunded", order_id="o", total=1)]) if case.open] == [
        "complaint"
    ]


def test_a_closing_closes_what_it_names() -> None:
    """Its own id; with only an order all of that order; with nothing those that bear no name."""
    two = [at(0, "Return Opened", return_id=r, order_id="o") for r in ("r1", "r2")]
    nameless = at(0, "Return Opened")
    assert set(open_ids(*two, nameless)) == {"r1", "r2", nameless.id}
    assert open_ids(*two, at(1, "Return Closed", return_id="r1")) == ["r2"]
    assert open_ids(*two, nameless, at(1, "Return Closed", order_id="o")) == [nameless.id]
    assert open_ids(*two, nameless, at(1, "Return Closed")) == ["r1", "r2"]
    early = at(0, "Return Opened", order_id="o")
    assert open_ids(early, at(1, "Return Closed", return_id="r9", order_id="o")) == []


def test_bounds_never_leave_a_case_open_for_ever() -> None:
    """The newest 20 openings are kept; one whose closing may be forgotten counts as closed."""
    many = [at(n, "Case Opened", case_id=f"c{n:02d}") for n in range(MAX_CASES + 5)]
    assert open_ids(*many) == [f"c{n:02d}" for n in range(5, MAX_CASES + 5)]
    closings = [at(n, "Case Closed", case_id=f"x{n:03d}") for n in range(10, 10 + MAX_CLOSINGS + 1)]
    assert open_ids(at(0, "Case Opened", case_id="old"), *closings) == []
    assert open_ids(at(11, "Case Opened", case_id="new"), *closings) == ["new"]


def test_every_name_is_one_that_the_door_knows() -> None:
    """Whatever its case and underscores, each name arrives as the facts read it."""
    assert all(canonical_name(name.lower().replace(" ", "_")) == name for name in CASES)
    told = {case.kind for name in CASES if name.split()[1] in OPENINGS for case in of([at(0, name)])}
    assert told == {"complaint", "return", "refund"}
    assert not any(of([at(0, name)]) for name in CASES if name.split()[1] not in OPENINGS)


rows = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.sampled_from([*CASES, "Order Refunded"]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, "a", "o"]),
    ),
    max_size=12,
)


@cases(80)
@given(rows)
def test_cases_are_what_the_raw_events_say(said: list[tuple[int, str, str | None, str | None]]) -> None:
    """Open or closed, by a reading of the whole history that knows nothing of facts."""
    events = [
        event(name, ["user:u"], at=NOW + timedelta(minutes=slot), id=str(number), case_id=own, order_id=order)
        for number, (slot, name, own, order) in enumerate(said)
    ]
    assert {(case.kind, case.id): case.closed_at for case in of(events)} == _replayed(events)


def _replayed(events: Sequence[Event]) -> dict[tuple[str, str], datetime | None]:
    """Per case when it was last closed, or None while it is open."""
    opened: dict[tuple[str, str], Event] = {}
    for one in sorted(events, key=lambda one: (one.time, one.id)):
        word, deed = one.name.split()
        if deed in OPENINGS:
            opened[KINDS[word], one.properties["case_id"] or one.properties["order_id"] or one.id] = one
    return {
        (kind, name): max(
            (one.time for one in events if one.time >= start.time and _closes(one, kind, name, start)), default=None
        )
        for (kind, name), start in opened.items()
    }


def _closes(one: Event, kind: str, name: str, start: Event) -> bool:
    own, order = one.properties["case_id"], one.properties["order_id"]
    about = start.properties["order_id"]
    if one.name == "Order Refunded":
        return kind != "complaint" and about is not None and order == about
    word, deed = one.name.split()
    if deed in OPENINGS or KINDS[word] != kind:
        return False
    if own:
        return name in (own, order)
    return order == about if order else not about and not start.properties["case_id"]


@pytest.mark.parametrize("kind", ["complaint", "return", "refund"])
def test_a_case_says_its_kind(kind: str) -> None:
    """A conversation may be about any of the three; what is no kind is a complaint."""
    opened = at(0, "Case Opened", case_id="c1", kind=kind)
    assert [(case.kind, case.open) for case in of([opened])] == [(kind, True)]
    assert open_ids(opened, at(1, "Case Closed", case_id="c1", kind=kind)) == []
    other = "refund" if kind == "complaint" else "complaint"
    assert open_ids(opened, at(1, "Case Closed", case_id="c1", kind=other)) == ["c1"]
    for unknown in ("question", 7, ["return"], None):
        assert [case.kind for case in of([at(0, "Case Opened", case_id="c1", kind=unknown)])] == ["complaint"]
