"""Decides about one enrollment at one instant: what is due now, and when to decide again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.journeys.coupon_gift import give_of
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.effects import Advance, Arm, Choose, Effect, Note, Send, SetTraits, Skip
from shared.domain.journeys.enrollment import ChosenChannels, End, Enrollment, HandedOver, SkippedStep
from shared.domain.journeys.evidence import ConditionContext, Rules, evidence
from shared.domain.journeys.exit_rule import stopped
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.journeys.path import DO, DONE, Walk, walk
from shared.domain.journeys.step_definition import NoteStep, SetStep
from shared.domain.journeys.step_state import EnrollmentClock, Open, Pending, Settled, clock_of, on_its_way_or_late
from shared.domain.messages.evidence import Evidence, item, of_deadline
from shared.domain.messages.message import Reason, Skipped
from shared.domain.messages.request import Channel, SendRequest
from shared.domain.profile.preferred_channel import preferred_channel
from shared.domain.profile.profile import Profile
from shared.domain.time.local_time import next_permitted, zone_of

SAID_NOTHING: Mapping[str, Evidence] = {}


class WakeUp(Struct, frozen=True):
    """When an enrollment is to be looked at next, and the step that it waits for."""

    at: datetime
    step: str


class EnrollmentContext:
    """The state of one decision about an enrollment. It is not kept."""

    def __init__(
        self,
        journey: JourneyDefinition,
        enrollment: Enrollment,
        profile: Profile,
        outcomes: Outcomes,
        rules: Rules,
        now: datetime,
        said: Mapping[str, Evidence] = SAID_NOTHING,
    ) -> None:
        self.journey, self.enrollment, self.profile, self.now, self.said = journey, enrollment, profile, now, said
        self.clock: EnrollmentClock = clock_of(journey, enrollment, profile, outcomes, now)
        self.asked = ConditionContext(profile, rules, now, self.clock.at, enrollment.trigger.values)
        self.way: Walk = walk(journey, enrollment, outcomes, self.asked)
        self.effects: list[Effect] = []
        self._zone: ZoneInfo | None = None

    def planned_sends(self) -> Iterator[tuple[Open, datetime]]:
        """The sends that were not handed over yet, each with the instant at which it is decided."""
        for place in self.way.places:
            if isinstance(place, Open):
                yield place, self.planned(place, max(self.now, place.earliest))

    def complete(self) -> Advance | None:
        """Ends the enrollment if every step is settled: it ended with its last message, whatever happened since."""
        way = self.way
        if way.wake is not None or way.writes or any(one.choice == DO for one in way.decided.values()):
            return None
        if not all(isinstance(place, Settled) for place in way.places):
            return None
        self.enrollment = self.decided()
        return self.outcome([])

    def stop(self) -> Advance | None:
        """Ends the enrollment if its exit rule holds now."""
        found = stopped(self.journey, self.asked)
        return None if found is None else self.end(End(found.reason, self.now, found.evidence, found.found))

    def end(self, end: End) -> Advance:
        """Ends the enrollment before its last step. The next message is recorded with the reason."""
        why = Skipped(end.reason, evidence=end.found)
        following = next((place for place in self.way.places if isinstance(place, Open)), None)
        skipped = () if following is None else (Skip(self.request(following, following.channels), why),)
        self.freeze()
        return Advance(replace(self.enrollment, end=end), skipped)

    def hand_over_due(self) -> Advance:
        """Writes and hands over what is due, permitted and fresh, and says when to decide again."""
        self.enrollment = self.decided()
        due, looks, later = self.sort_out()
        for place in due:
            on_its_way = self.hand_over(place)
            looks += [WakeUp(on_its_way.fall_back_at, place.step.id)] if on_its_way.fall_back_at else []
            later.append(WakeUp(on_its_way.fresh_until, place.step.id))
        self.write()
        if any(isinstance(effect, Send) for effect in self.effects) or DO in self.choices():
            self.effects += [Choose(name, one) for name, one in self.way.decided.items() if one.choice != DONE]
        if self.way.wake is not None:
            looks.append(WakeUp(self.way.wake, self.way.stands_at))
        # The last message's outcome is asked about when nothing can come any more; the others' in passing.
        return self.outcome(looks or later)

    def sort_out(self) -> tuple[list[Open], list[WakeUp], list[WakeUp]]:
        """What is to be handed over now; when to look at the rest; when what is on its way is over.

        Of several commercial messages that are due the latest is kept; others, such as the confirmation of an order,
        never stand back.
        """
        due: list[Open] = []
        chosen: Open | None = None
        waiting: list[tuple[Open, datetime]] = []
        looks, later = [], []
        for place in self.way.places:
            match place:
                case Open():
                    at = self.verdict(place)
                    if at == self.now and place.commercial:
                        earlier = [*([chosen] if chosen else []), *(one for one, _ in waiting if one.commercial)]
                        self.pile_up(earlier, place)
                        chosen, waiting = place, [pair for pair in waiting if not pair[0].commercial]
                    elif at == self.now:
                        due.append(place)
                    elif at is not None:
                        waiting.append((place, at))
                case Pending():
                    looks += [WakeUp(place.fall_back_at, place.step.id)] if place.fall_back_at else []
                    later.append(WakeUp(place.fresh_until, place.step.id))
                case Settled():
                    pass
                case _:
                    assert_never(place)
        looks += [WakeUp(at, place.step.id) for place, at in waiting]
        return [*due, *([chosen] if chosen else [])], looks, later

    def decided(self) -> Enrollment:
        """The enrollment with the choices that were made now."""
        if not self.way.decided:
            return self.enrollment
        return replace(self.enrollment, steps={**self.enrollment.steps, **self.way.decided})

    def choices(self) -> set[str]:
        return {one.choice for one in self.way.decided.values()}

    def write(self) -> None:
        for one in self.way.writes:
            match one.what:
                case SetStep():
                    self.effects.append(SetTraits(one.step, one.at, one.what.set))
                case NoteStep():
                    self.effects.append(Note(one.step, one.at, one.what.note))

    def verdict(self, place: Open) -> datetime | None:
        """Now, or when to look at it; None if it was passed over, with the reason recorded."""
        if place.earliest > self.now:
            return self.planned(place, place.earliest)
        if self.now >= place.fresh_until:
            self.pass_over(place, Reason.STALE, (of_deadline(place.due, place.fresh_until),))
            return None
        if place.step.id in self.said:
            self.pass_over(place, Reason.ALREADY_SAID, self.said[place.step.id])
            return None
        unless = None if place.step.unless is None else evidence(place.step.unless, self.asked)
        if unless is not None:
            self.pass_over(place, "unless", unless.found)
            return None
        at = self.permitted(place, self.now)
        if at >= place.fresh_until:
            opens = item("send_hours", at=at, fresh_until=time_text(place.fresh_until))
            self.pass_over(place, Reason.QUIET_HOURS, (opens,))
            return None
        return at

    def planned(self, place: Open, at: datetime) -> datetime:
        """When to look at a step that is not due yet: within the send hours, unless it would be stale by then."""
        permitted = self.permitted(place, at)
        return permitted if permitted < place.fresh_until else at

    def permitted(self, place: Open, at: datetime) -> datetime:
        """Commercial steps keep to the customer's local send hours (docs/definitions.md#send-hours-and-freshness)."""
        if place.step.purpose == "transactional":
            return at
        if self._zone is None:
            self._zone = zone_of(self.profile, self.asked.rules.shop, self.now)
        return next_permitted(at, self._zone, self.asked.rules.shop.send_hours)

    def pile_up(self, earlier: list[Open], kept: Open) -> None:
        """If two steps pile up, the later is kept (docs/definitions.md#send-hours-and-freshness)."""
        if not earlier:
            return
        message = self.request(kept, kept.channels).message_id
        instead = item("message", message, kept.due, step=kept.step.id)
        for place in earlier:
            self.pass_over(place, "piled_up", (instead,))

    def pass_over(self, place: Open, reason: str, found: Evidence) -> None:
        why = Skipped(reason, evidence=found)
        self.effects.append(Skip(self.request(place, place.channels), why))
        passed = SkippedStep(reason, self.now, self.clock.at, found)
        self.enrollment = self.enrollment.with_step(place.step.id, passed)

    def hand_over(self, place: Open) -> Pending:
        channels = place.channels
        if place.step.asks_preference and not place.chosen:
            channels = place.step.channels_for(preferred_channel(self.profile, self.now).channel)
            self.effects.append(Choose(place.step.id, ChosenChannels(channels, self.now, self.clock.at)))
        self.effects.append(Send(self.request(place, channels)))
        handed = HandedOver(channels, self.now, self.clock.at)
        self.enrollment = self.enrollment.with_step(place.step.id, handed)
        on_its_way = on_its_way_or_late(place.step, handed, place.due, self.now)
        assert isinstance(on_its_way, Pending)  # noqa: S101  it is fresh, else it would have been passed over
        return on_its_way

    def request(self, place: Open, channels: tuple[Channel, ...]) -> SendRequest:
        step = place.step
        return SendRequest(
            home=self.enrollment.home,
            enrollment=self.enrollment.id,
            journey=self.journey.journey,
            release=self.enrollment.release,
            step=step.id,
            template=step.send,
            purpose=step.purpose,
            channels=channels,
            due_ms=milliseconds(place.due),
            fresh_until_ms=milliseconds(place.fresh_until),
            clock_ms=milliseconds(self.clock.at),
            priority=self.journey.priority,
            give=give_of(step.give),
        )

    def freeze(self) -> None:
        if self.clock.frozen and self.enrollment.clock is None:
            self.enrollment = replace(self.enrollment, clock=self.clock.at)

    def outcome(self, looks: list[WakeUp]) -> Advance:
        self.freeze()
        look = min(looks, key=lambda one: one.at, default=None)
        if look is not None:
            return Advance(self.enrollment, (*self.effects, Arm(look.at, look.step)))
        end = self.way.end or End("completed", self.way.at)
        at = max([end.at, *(place.at for place in self.way.places if isinstance(place, Settled))])
        if any(isinstance(effect, Skip) for effect in self.effects):
            at = self.now
        return Advance(replace(self.enrollment, end=replace(end, at=at)), tuple(self.effects))
