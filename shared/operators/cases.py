"""Requests of people as cases: opened, carried out, refused, lifted (docs/privacy.md#cases)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs

from shared.domain.events.event import Event, EventType, Source
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import RIGHT, time_text, type_of_key
from shared.domain.privacy.case import (
    LIFTABLE,
    PERSON,
    REASONS,
    Case,
    CaseAction,
    CaseState,
    Right,
    WrongState,
    new_case,
)
from shared.domain.privacy.erasure import Erasure, State
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.privacy.part import UNPROVEN, Part
from shared.http.answers import Problem, malformed, not_found
from shared.operators.environment import People
from shared.operators.erasures import begin_erasure, begun_before, new_id
from shared.operators.find_customer import find_key, find_tree
from shared.operators.paging import limit_of
from shared.ports import Queue
from shared.queries.customer_tree import Member, load_tree
from shared.queries.persons_part import homes_below, part_at, whole_part
from shared.stores.cases import Cases
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.right_marks import put_right_marks, read_right_mark

SAID = {
    (Right.RESTRICT, True): "Processing Restricted",
    (Right.RESTRICT, False): "Restriction Lifted",
    (Right.OBJECT, True): "Objection Made",
    (Right.OBJECT, False): "Objection Lifted",
}
"""The event that the customer's log has of it. The marks beside it are what counts."""
Erasures = Callable[[], Queue]
"""The queue of erasures, made when it is needed."""


def open_case(environment: People, identifier: str, right: Right, by: str, number: str = "") -> tuple[Case, bool]:
    """A new case of this customer, and True; the one that waits already for the same right, and False.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    tree = find_tree(environment, identifier)
    cases = Cases(environment.catalog)
    for case in cases.of(tree.root):
        if case.right is right and case.waits:
            return case, False
    now = environment.clock.now()
    return cases.put(new_case(new_id(now), right, tree.root, now, by, number)), True


def open_case_anew(environment: People, known: Erasure, by: str, number: str = "") -> Case:
    """A case of who was erased and wrote again since; the same one as long as it waits."""
    cases, home = Cases(environment.catalog), known.homes[0]
    for case in cases.of(home):
        if case.right is Right.ERASE and case.waits:
            return case
    now = environment.clock.now()
    return cases.put(new_case(new_id(now), Right.ERASE, home, now, by, number))


def open_own_case(environment: People, part: Part, right: Right) -> Case:
    """The case of who asks by himself, about what is proven to be his; the same one, if he asks again while it waits.
    One that the shop opened is about all of the customer, and stays with the shop."""
    cases = Cases(environment.catalog)
    for case in cases.of(part.root):
        if case.right is right and case.waits and set(case.part) == set(part.homes):
            return case
    now = environment.clock.now()
    return cases.put(new_case(new_id(now), right, part.root, now, PERSON, part=part.homes, proven=part.proven))


def open_for_the_rest(environment: People, homes: Iterable[str], right: Right) -> None:
    """A case for each identifier that the person did not prove: somebody of the shop says whose it is."""
    cases = Cases(environment.catalog)
    now = environment.clock.now()
    for home in homes:
        if not any(case.right is right and case.waits for case in cases.of(home)):
            cases.put(new_case(new_id(now), right, home, now, PERSON))


def act(
    environment: People, erasures: Erasures, name: str, action: CaseAction, source: Source, reason: str = ""
) -> Case:
    """What an operator decided about a case. Each step can be repeated: an action that died half way is done again.

    Raises
    ------
    Problem
        404 if there is no such case, 409 if it is too far for that, 400 for a refusal without one of ``REASONS``.
    """
    case = case_of(environment, name)
    now = environment.clock.now()
    try:
        match action:
            case CaseAction.REFUSE:
                if reason not in REASONS:
                    raise malformed(f"a refusal has one of these reasons: {', '.join(REASONS)}")
                moved = case.moved(CaseState.REFUSED, now, source.name, reason)
            case CaseAction.LIFT:
                moved = case.moved(CaseState.LIFTED, now, source.name)
                _lift(environment, case, now, source)
            case CaseAction.CARRY_OUT:
                moved = _carry_out(environment, erasures, case, now, source)
    except WrongState as wrong:
        raise Problem(409, "wrong_state", str(wrong)) from wrong
    return Cases(environment.catalog).put(moved)


def ask_copy(environment: People, queue: Erasures, case: Case, language: str) -> Case:
    """Lets the function of privacy make the copy that a person asked for by himself; it answers the case."""
    if case.state is CaseState.OPEN:
        case = Cases(environment.catalog).put(case.moved(CaseState.RUNNING, environment.clock.now(), PERSON))
    queue().send_many([json.dumps({"copy": case.id, "language": language})])
    return case


def case_of(environment: People, name: str) -> Case:
    """
    Raises
    ------
    Problem
        404 if there is none of this id.
    """
    found = Cases(environment.catalog).get(name)
    if found is None:
        raise not_found("there is no case of this id; GET /v1/cases lists them")
    return found


def list_cases(environment: People, query: Mapping[str, str]) -> dict[str, Any]:
    """The newest first. With ``state`` a page may hold fewer than it could: ``waiting`` keeps those without answer."""
    found, cursor = Cases(environment.catalog).page(limit=limit_of(query), cursor=query.get("cursor"))
    state = query.get("state", "")
    if state and state not in {"waiting", *(one.value for one in CaseState)}:
        raise malformed(f"state is waiting, or one of {', '.join(one.value for one in CaseState)}")
    kept = [one for one in found if not state or one.state.value == state or (state == "waiting" and one.waits)]
    return {"items": [case_json(one, environment.clock.now()) for one in kept], "cursor": cursor}


def cases_of(environment: People, identifier: str) -> dict[str, Any]:
    """The cases of a customer, the newest first: also of one who was erased."""
    store = CustomerStore(environment.customers)
    homes = homes_below(store, load_tree(store, find_key(environment, identifier)).root)
    found = [case for home in homes for case in Cases(environment.catalog).of(home)]
    now = environment.clock.now()
    return {"items": [case_json(one, now) for one in sorted(found, key=lambda one: one.id, reverse=True)]}


def case_json(case: Case, now: datetime) -> dict[str, Any]:
    """What may be kept and shown to the authority: digests, words, times and the shop's number."""
    return {
        "id": case.id,
        "right": case.right.value,
        "state": case.state.value,
        "number": case.number or None,
        "customer": case.home,
        "requested_at": time_text(case.requested_at),
        "due_at": time_text(case.due_at),
        "answered_at": None if case.answered_at is None else time_text(case.answered_at),
        "in_time": case.in_time,
        "urgent": case.urgent(now),
        "pressing": case.pressing(now),
        "overdue": case.overdue(now),
        "erasure": case.erasure or None,
        "log": [
            {"at": time_text(one.at), "state": one.state.value, "by": one.by, "reason": one.reason or None}
            for one in case.log
        ],
    }


def _carry_out(environment: People, erasures: Erasures, case: Case, now: datetime, source: Source) -> Case:
    if case.right is Right.ERASE:
        moved = case.moved(CaseState.RUNNING, now, source.name)
        erasure = begin_erasure(
            environment, erasures, case.home, source.name, number=case.number, request=case.id, part=case.part,
            proven=case.proven,
        )  # fmt: skip
        moved = replace(moved, erasure=erasure.id)
        # One that was begun for another case and is over answers nobody any more.
        return moved if erasure.state is not State.CONFIRMED else moved.moved(CaseState.DONE, now, source.name)
    moved = case.moved(CaseState.DONE, now, source.name)
    if case.right not in LIFTABLE:
        return moved
    store = CustomerStore(environment.customers)
    if begun_before(environment, case.home) is not None:
        raise Problem(409, "erased", "the person was erased; nothing of him is used")
    root = case.home if case.part else load_tree(store, case.home).root
    part = part_at(store, case.part, case.proven) if case.part else whole_part(store, root)
    own = tuple(home for home in part.own if not case.part or home == case.proven or type_of_key(home) not in UNPROVEN)
    put_right_marks(environment.customers, own, Mark(Held(case.right.value), case.id, root, now))
    _tell(environment, case, now, source, holds=True)
    return replace(moved, marked=own)


def _lift(environment: People, case: Case, now: datetime, source: Source) -> None:
    """Only where the mark still is: of who was erased since then nothing comes back."""
    held = Held(case.right.value)
    places = [(home, f"{RIGHT}{held.value}#{case.id}") for home in case.marked]
    for item in environment.customers.get_many(places):
        put_right_marks(environment.customers, [item["pk"]], structs.replace(read_right_mark(item), lifted_at=now))
    _tell(environment, case, now, source, holds=False)


def _tell(environment: People, case: Case, now: datetime, source: Source, *, holds: bool) -> None:
    """An event in the customer's log: his timeline shows it, and segmentation decides him anew."""
    store = CustomerStore(environment.customers)
    # What a person asked for by himself is not told in the log of who only named his address.
    members = [Member(case.home, store.control(case.home))] if case.part else load_tree(store, case.home).members
    member = next((one for one in members if one.identifier is not None), None)
    if member is None or member.identifier is None:
        return
    event = _event(SAID[case.right, holds], case, member.identifier, now, source)
    environment.customers.put_many([event_item(event, environment.keys, home=member.key)])


def _event(name: str, case: Case, who: Identifier, now: datetime, source: Source) -> Event:
    return Event(
        type=EventType.TRACK,
        name=name,
        message_id=f"case-{case.id}-{name.lower().replace(' ', '-')}",
        time=now,
        received_at=now,
        source=source.name,
        channel=source.channel,
        trusted=True,
        identifiers=(who,),
        properties={"case": case.id},
        context={"active": False},  # nobody visited: it is no hour in which the customer is active
    )
