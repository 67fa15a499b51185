"""Two enrollments of one customer, records delivered twice, crashes, and items that nobody can read."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.enrollment import Trigger, to_item
from tests.unit.schedule.short_journeys import EMAIL, ist
from tests.unit.schedule.world import KEYS, World

pytestmark = pytest.mark.unit


def test_the_earlier_of_two_enrollments_acts() -> None:
    """Two identifiers each with an enrollment turn out to be one customer: the later enrollment ends as superseded."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    [first] = world.enrollments
    late = replace(
        first, id="late", started_at=ist(2, 10, 5), trigger=Trigger("Product Added", world.key, "t#x", ist(2, 10, 5))
    )
    world.store.put_enrollment(world.key, to_item(late), expect={"pk": None})
    world.timers.arm("journey", ist(2, 10, 40), world.key, late.ref, 1)
    world.until(ist(20, 0))
    assert [enrollment.end.reason for enrollment in world.enrollments if enrollment.end] == ["completed", "superseded"]
    assert len(world.sent) == 3


def test_an_earlier_enrollment_that_should_have_stopped_does_not_supersede() -> None:
    """Nobody noticed that an order ended the first enrollment: the second one still gets its messages."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell = lambda: None  # type: ignore[method-assign]
    world.order(ist(2, 10, 30))
    [first] = world.enrollments
    second = replace(first, id="second", started_at=ist(2, 10, 40), clock=ist(2, 10, 40), steps={}, version=1)
    world.store.put_enrollment(world.key, to_item(second), expect={"pk": None})
    world.timers.arm("journey", ist(2, 10, 50), world.key, second.ref, 1)
    world.until(ist(2, 12))
    assert [(step, at) for step, _, at in world.sent] == [("reminder", ist(2, 11, 40))]
    assert [enrollment.end.reason if enrollment.end else None for enrollment in world.enrollments] == [
        "stopped_ordered",
        None,
    ]


def test_a_record_delivered_twice_begins_one_enrollment() -> None:
    """The id is made of the triggering event: the second delivery finds the enrollment, even after it ended."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.tell()
    change = world.change
    world.until(ist(2, 12))
    world.remove(ist(2, 12))
    world.change = change
    world.tell()
    assert len(world.enrollments) == 1


def test_a_poisoned_enrollment_goes_to_the_failure_queue_and_holds_nobody_up() -> None:
    """An enrollment that nobody can read loses its timer to the failure queue, with its key; the others are sent."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    broken = KEYS(parse_identifier("user:2"))
    world.customers.put({"pk": broken, "sk": "enrollment#cart-recovery#bad", "version": 1, "trigger": "?"})
    world.timers.arm("journey", ist(2, 10, 30), broken, "cart-recovery#bad", 1)
    world.until(ist(2, 12))
    assert world.sent == [("reminder", "email", ist(2, 11))]
    [body] = world.failures.bodies
    assert broken in body
    assert "cart-recovery#bad" in body


def test_a_timer_without_an_enrollment_is_kept_for_a_while() -> None:
    """The timer is armed before the enrollment is written: within ten minutes it may still appear, then the timer
    goes."""
    world = World(shop=Shop(name="Kervan"))
    world.order(ist(2, 9))
    world.timers.arm("journey", ist(2, 10), world.key, "cart-recovery#soon", 1)
    world.now = ist(2, 10, 5)
    world.tick()
    assert world.next_due() is not None
    world.now = ist(2, 10, 10)
    world.tick()
    assert world.next_due() is None


@pytest.mark.parametrize(("known", "revision"), [(False, 1), (True, 2)])
def test_a_timer_of_an_erased_enrollment_goes_at_once(known: bool, revision: int) -> None:
    """Nobody is known under its home any more; or the enrollment was stored before, so it cannot be still to come."""
    world = World(shop=Shop(name="Kervan"))
    if known:
        world.order(ist(2, 9))
    world.timers.arm("journey", ist(2, 10), world.key, "cart-recovery#gone", revision)
    world.now = ist(2, 10)
    world.tick()
    assert world.next_due() is None


def test_a_crash_between_hand_over_and_record_does_not_move_the_clock() -> None:
    """The reminder went out, its record was lost, the cart changed: the ledger's clock holds, no second reminder."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    put = world.store.put_enrollment
    world.store.put_enrollment = _killed  # type: ignore[method-assign]
    world.now = ist(2, 11)
    assert world.tick().errors == ["ConnectionError"]
    world.store.put_enrollment = put  # type: ignore[method-assign]
    world.notify()
    world.add(ist(2, 11, 1), "p2")
    world.until(ist(20, 0))
    assert [at for _, _, at in world.sent] == [ist(2, 11), ist(3, 10), ist(5, 10)]
    assert {request.clock for request in world.handed} == {ist(2, 10)}


def test_an_order_between_reading_and_writing_is_not_overwritten() -> None:
    """The enrollment ends while a timer is at work on it: the write on condition of the version loses, the end
    stays."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    arm = world.timers.arm_many

    def ordered_meanwhile(armings):  # type: ignore[no-untyped-def]
        world.timers.arm_many = arm  # type: ignore[method-assign]
        arm(armings)
        world.order(ist(2, 11))

    world.timers.arm_many = ordered_meanwhile  # type: ignore[method-assign]
    world.until(ist(20, 0))
    assert world.sent == []
    assert world.enrollments[0].end is not None
    assert (world.enrollments[0].end.reason, world.enrollments[0].end.at) == ("stopped_ordered", ist(2, 11))
    assert world.next_due() is None


def _killed(*_: object, **__: object) -> None:
    raise ConnectionError("the function was killed here")
