"""Restriction and objection: against a list of who asked for what, over random histories with merged identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.segment.audit import Auditing
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.events.event import Event, Source
from shared.domain.identity.identifiers import PhoneReader, parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.gates import decide
from shared.domain.messages.message import Reason, Skipped
from shared.domain.privacy.case import CaseAction, Right
from shared.domain.privacy.held_rights import Held, Mark, in_force
from shared.domain.segments.oracle import oracle_segments
from shared.operators.cases import act, open_case
from shared.ports import Clock, Table
from shared.queries.customer_tree import load_tree
from shared.stores.audits import AuditStore
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases
from tests.support.cases import also_long, cases
from tests.support.world import KEYS, event
from tests.unit.ingest.world import ListQueue, StoppedClock
from tests.unit.notify.world import MORNING, Shopping, request

pytestmark = pytest.mark.unit
WHO = ("user:42", "email:ayse@example.com")
OPERATOR = Source("operator", "console", trusted=True)


@dataclass
class Operators:
    """What operators' questions are answered from."""

    customers: Table
    catalog: Table
    clock: Clock
    messages: Table = field(default_factory=MemoryTable)
    timers: Table = field(default_factory=MemoryTable)
    keys: IdentifierKeys = KEYS
    phone: PhoneReader = field(default_factory=lambda: phone_reader("TR"))


class Asking:
    """Two identifiers, at first two customers; each may restrict, object and lift; one operation joins them."""

    def __init__(self) -> None:
        self.shop = Shopping()
        self.world = self.shop.world
        self.clock = StoppedClock(MORNING - timedelta(days=1))
        self.operators = Operators(self.shop.customers, self.shop.catalog, self.clock)
        self.in_force: dict[str, tuple[int, Right]] = {}
        """By case: who asked, and for what."""
        self.joined = False
        for who in WHO:
            self.world.send(self._order(who))
        self.shop.consent("email", granted=True)

    def _order(self, who: str) -> Event:
        return event("Order Completed", [who], at=self.clock.now(), trusted=True, order_id=f"{who}-{self.clock.now()}")

    def do(self, what: str, who: int) -> None:
        self.clock.advance(timedelta(minutes=1))
        self.world.now = self.clock.now()
        match what:
            case "restrict" | "object":
                case, _ = open_case(self.operators, WHO[who], Right(what), "operator")
                act(self.operators, ListQueue, case.id, CaseAction.CARRY_OUT, OPERATOR)
                self.in_force[case.id] = (who, Right(what))
            case "lift":
                mine = [name for name, (whose, _) in self.in_force.items() if whose == who]
                if mine:
                    act(self.operators, ListQueue, mine[0], CaseAction.LIFT, OPERATOR)
                    del self.in_force[mine[0]]
            case "join":
                self.joined = True
                self.world.send(
                    event("identify", [*WHO], at=self.clock.now(), trusted=True, traits={"email": "ayse@example.com"})
                )
            case "order":
                self.world.send(self._order(WHO[who]))
        self._fold()

    def _fold(self) -> None:
        for who in WHO:
            self.world.segmentation.decide(KEYS(parse_identifier(who)), self.world.now)

    def holds(self, who: int, right: Right) -> bool:
        """The plain answer: somebody of this person asked for it, and nobody took it back."""
        return any(one is right and (self.joined or whose == who) for whose, one in self.in_force.values())

    def verdict(self, who: int, purpose: str) -> str:
        asked = request("email", purpose=purpose, home=KEYS(parse_identifier(WHO[who])))
        found = decide(self.shop.notifying().contexts.read(asked, MORNING).context)
        return found.reason if isinstance(found, Skipped) else ""


STEPS = st.lists(
    st.tuples(st.sampled_from(["restrict", "object", "lift", "lift", "join", "order"]), st.sampled_from([0, 1])),
    max_size=7,
)


@given(STEPS)
@also_long
@cases(20, 500)
def test_what_was_asked_for_holds_until_it_is_lifted(steps: Sequence[tuple[str, int]]) -> None:
    """At the gate and in segmentation, whoever of the joined identifiers asked, and in every order."""
    asking = Asking()
    for step in steps:
        asking.do(*step)
    for who, name in enumerate(WHO):
        restricted, objected = asking.holds(who, Right.RESTRICT), asking.holds(who, Right.OBJECT)
        commercial, service = asking.verdict(who, "marketing"), asking.verdict(who, "transactional")
        assert (commercial == Reason.RESTRICTED, service == Reason.RESTRICTED) == (restricted, restricted)
        assert (commercial == Reason.OBJECTED) is (objected and not restricted)
        assert service != Reason.OBJECTED
        tree = load_tree(asking.world.store, KEYS(parse_identifier(name)))
        assert tree.control.customer is not None
        if not restricted:
            assert set(tree.control.customer.segments) == (set() if objected else {"new"})
        assert set(tree.control.members) == set(tree.control.customer.segments)


def test_nothing_is_decided_of_who_restricted() -> None:
    """What happens is kept; his segments stay, journeys hear of nothing, and no timer is armed. Then it is lifted."""
    asking = Asking()
    before = asking.world.tree("user:42").control.customer
    asking.do("restrict", 0)
    asking.world.timers.armed.clear()
    asking.clock.advance(timedelta(days=200))
    asking.do("order", 0)
    held = asking.world.tree("user:42")
    assert before is not None
    assert held.control.customer is not None
    assert (held.control.customer.segments, held.control.customer.events) == (before.segments, ())
    assert asking.world.timers.armed == set()
    assert len(held.profile().orders) == 2
    asking.do("lift", 0)
    asking.do("order", 0)
    then = asking.world.tree("user:42").control.customer
    assert then is not None
    assert set(then.segments) == set()
    log = [one.name for one in asking.world.store.events(KEYS(parse_identifier("user:42")))]
    assert [name for name in log if "Restrict" in name] == ["Processing Restricted", "Restriction Lifted"]


def test_a_consent_does_not_undo_an_objection() -> None:
    """Only lifting does; the evidence names the case and since when."""
    asking = Asking()
    asking.do("object", 0)
    asking.shop.consent("email", granted=True, at=MORNING - timedelta(minutes=5))
    asked = request("email")
    found = decide(asking.shop.notifying().contexts.read(asked, MORNING).context)
    assert isinstance(found, Skipped)
    [proof] = found.evidence
    [case] = asking.in_force
    assert (proof["kind"], proof["id"], proof["right"]) == ("right", case, "object")


def test_who_was_erased_gets_no_mark_again() -> None:
    """Lifting writes only where a mark stands; a request about somebody who was erased is refused."""
    asking = Asking()
    asking.do("object", 0)
    [case] = asking.in_force
    key = KEYS(parse_identifier("user:42"))
    doomed = [(item["pk"], item["sk"]) for item in asking.world.memory.items() if item["pk"] == key]
    asking.shop.customers.delete_many(doomed)
    act(asking.operators, ListQueue, case, CaseAction.LIFT, OPERATOR)
    assert [item for item in asking.world.memory.items() if item["pk"] == key] == []


def test_the_audit_knows_who_asked() -> None:
    """Brute force over raw events says that both are in a segment; that they are not is no mistake."""
    asking = Asking()
    asking.do("object", 0)
    asking.do("restrict", 1)
    auditing = Auditing(
        clock=asking.clock, store=asking.world.store, releases=Releases(asking.shop.catalog),
        audits=AuditStore(asking.shop.catalog), keys=KEYS, oracle=oracle_segments, rng=asking.shop.chance,
        sleep=lambda _seconds: None,
    )  # fmt: skip
    assert auditing.run(lambda: True).mismatches == {}


def test_of_a_shared_browser_the_mark_of_the_other_does_not_hold() -> None:
    """A mark that another customer left on a browser of both says nothing of this one."""
    shop = Shopping()
    shop.world.send(event("page", ["user:77", "anonymous:laptop"], at=MORNING - timedelta(days=2)))
    laptop, theirs = KEYS(parse_identifier("anonymous:laptop")), KEYS(parse_identifier("user:42"))
    mark = Mark(Held.OBJECT, "c", theirs, MORNING)
    tree = shop.world.tree("user:77")
    control = CustomerStore(shop.customers).control(laptop)
    control.rights.append(mark)
    member = next(one for one in tree.members if one.key == laptop)
    assert replace(tree, members=(tree.members[0], replace(member, control=control))).held(Held.OBJECT) == mark
    shop.world.send(event("page", ["user:42", "anonymous:laptop"], at=MORNING - timedelta(days=1)))
    control = CustomerStore(shop.customers).control(laptop)
    control.rights.append(mark)
    shared = replace(tree, members=(tree.members[0], replace(member, control=control)))
    assert len(control.claim.owners() if control.claim else ()) == 2
    assert shared.held(Held.OBJECT) is None
    own = replace(mark, root=tree.root)
    control.rights.append(replace(own, case="d"))
    assert shared.held(Held.OBJECT) == replace(own, case="d")


MARKS = st.lists(
    st.builds(
        Mark,
        st.sampled_from(Held),
        st.sampled_from(["a", "b", "c"]),
        st.just("u.x"),
        st.integers(0, 5).map(lambda days: MORNING + timedelta(days=days)),
        st.none() | st.just(datetime(2027, 1, 1, tzinfo=MORNING.tzinfo)),
    ),
    max_size=8,
)


@given(MARKS, st.randoms())
@also_long
@cases(100)
def test_marks_are_joined_as_sets(marks: list[Mark], chance: object) -> None:
    """Order and repetitions change nothing; a case that was lifted on one identifier is lifted on all."""
    for right in Held:
        found = in_force(marks, right)
        mixed = [*marks, *marks]
        chance.shuffle(mixed)  # type: ignore[attr-defined]
        assert in_force(mixed, right) == found
        lifted = {mark.case for mark in marks if mark.right is right and mark.lifted_at is not None}
        standing = {mark.case for mark in marks if mark.right is right} - lifted
        assert (found is None) is (not standing)
        assert found is None or found.case in standing
