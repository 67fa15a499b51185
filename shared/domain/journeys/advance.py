"""One step forward of one run: pure, the same in production, tests and the dry run (design 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from shared.domain.journeys.conditions import evidence
from shared.domain.journeys.enrollment import Chosen, End, Enrollment, Handed, Passed
from shared.domain.journeys.language import JourneyDefinition
from shared.domain.journeys.outcomes import Outcomes
from shared.domain.journeys.position import OnItsWay, Open, RunClock, Settled, clock_of, on_its_way_or_late, position
from shared.domain.journeys.stopping import stopped
from shared.domain.keys import milliseconds
from shared.domain.local_time import next_permitted, zone_of
from shared.domain.messages.request import Channel, Give, SendRequest
from shared.domain.preference import preferred_channel
from shared.domain.profile import Profile
from shared.domain.shop import Shop


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer of the run came due: this one or an earlier one, once or more often."""


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """Something was folded: only the exit rule is asked; what is due is for the timers."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another run of the journey in the same tree began earlier: it acts, this one ends."""

    by: str


@dataclass(frozen=True, slots=True)
class JourneyStopped:
    """The journey was stopped by hand, or its definition is gone."""


Signal = TimerFired | CustomerChanged | Superseded | JourneyStopped


@dataclass(frozen=True, slots=True)
class Arm:
    """Look at the run again then."""

    due: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """Hand this over to the queue of its first channel."""

    request: SendRequest


@dataclass(frozen=True, slots=True)
class Skip:
    """This will not be sent; record the reason under the message it would have been."""

    request: SendRequest
    reason: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Write this into the run before the ``Send`` beside it is carried out."""

    step: str
    choice: Chosen


Effect = Arm | Send | Skip | Choose


@dataclass(frozen=True, slots=True)
class Advance:
    """The run after the step, the same object if nothing changed; it has ended if ``enrollment.end`` is set."""

    enrollment: Enrollment
    effects: tuple[Effect, ...] = ()


def advance(
    journey: JourneyDefinition,
    enrollment: Enrollment,
    signal: Signal,
    profile: Profile,
    outcomes: Outcomes,
    shop: Shop,
    now: datetime,
) -> Advance:
    """What follows from a signal. Repeating it repeats the same hand-overs or none, never a different one.

    ``profile`` is the joined customer, ``outcomes`` the ledger's records of this run's messages, both read now.
    """
    if not enrollment.live:
        return Advance(enrollment)
    match signal:
        case Superseded():
            return Advance(replace(enrollment, end=End("superseded", now, {"by": signal.by})))
        case JourneyStopped():
            return Advance(replace(enrollment, end=End("journey_stopped", now)))
        case TimerFired() | CustomerChanged():
            run = _Run(journey, enrollment, profile, outcomes, shop, now)
            ended = run.complete() or run.stop()
            if ended is not None:
                return ended
            return run.act() if isinstance(signal, TimerFired) else Advance(enrollment)
        case _:
            assert_never(signal)


def with_choices(enrollment: Enrollment, step: Advance) -> Enrollment | None:
    """The run with the choices that must be written before anything is carried out; None if there are none.

    Then ``advance`` is asked again: with the choice in the run it hands over for these channels however often it is
    asked, whatever the customer prefers by then.
    """
    choices = {effect.step: effect.choice for effect in step.effects if isinstance(effect, Choose)}
    return replace(enrollment, steps={**enrollment.steps, **choices}) if choices else None


def first_look(
    journey: JourneyDefinition, enrollment: Enrollment, profile: Profile, shop: Shop, now: datetime
) -> datetime | None:
    """When the first step of a new run is to be looked at; None if every step would come too late already."""
    run = _Run(journey, enrollment, profile, {}, shop, now)
    fresh = [place for place in run.positions if isinstance(place, Open) and now < place.fresh_until]
    return min((run.planned(step, max(now, step.earliest)) for step in fresh), default=None)


class _Run:
    """The state of one call of ``advance``; nothing outlives it."""

    def __init__(
        self,
        journey: JourneyDefinition,
        enrollment: Enrollment,
        profile: Profile,
        outcomes: Outcomes,
        shop: Shop,
        now: datetime,
    ) -> None:
        self.journey, self.enrollment, self.profile, self.shop, self.now = journey, enrollment, profile, shop, now
        self.clock: RunClock = clock_of(journey, enrollment, profile, outcomes)
        self.positions = [position(step, enrollment, profile, outcomes, self.clock.at, now) for step in journey.steps]
        self.effects: list[Effect] = []
        self._zone: ZoneInfo | None = None

    def complete(self) -> Advance | None:
        """Everything is settled: the run ended with its last message, whatever happened since."""
        return self.outcome(None) if all(isinstance(place, Settled) for place in self.positions) else None

    def stop(self) -> Advance | None:
        """The exit rule on the customer of now. The message that would have come next gets the reason."""
        found = stopped(self.journey, self.profile, self.clock.at)
        if found is None:
            return None
        following = next((place for place in self.positions if isinstance(place, Open)), None)
        skipped = () if following is None else (Skip(self.request(following, following.channels), found.reason),)
        self.freeze()
        return Advance(replace(self.enrollment, end=End(found.reason, self.now, found.evidence)), skipped)

    def act(self) -> Advance:
        """Hand over what is due, permitted and fresh; of several, the latest. Then say when to look again."""
        on_their_way: list[OnItsWay] = []
        chosen: Open | None = None
        waiting: list[tuple[Open, datetime]] = []
        for place in self.positions:
            match place:
                case Open():
                    at = self.verdict(place)
                    if at == self.now:
                        self.pile_up([*([chosen] if chosen else []), *(earlier for earlier, _ in waiting)])
                        chosen, waiting = place, []
                    elif at is not None:
                        waiting.append((place, at))
                case OnItsWay():
                    on_their_way.append(place)
                case Settled():
                    pass
                case _:
                    assert_never(place)
        if chosen is not None:
            on_their_way.append(self.hand_over(chosen))
        wakes = [at for _, at in waiting] + [place.fall_back_at for place in on_their_way if place.fall_back_at]
        # The last message's outcome is asked about when nothing can come any more; the others' in passing.
        return self.outcome(min(wakes or [place.fresh_until for place in on_their_way], default=None))

    def verdict(self, place: Open) -> datetime | None:
        """Now, or when to look at it; None if it was passed over, with the reason recorded."""
        if place.earliest > self.now:
            return self.planned(place, place.earliest)
        if self.now >= place.fresh_until:
            self.pass_over(place, "stale")
            return None
        unless = place.step.unless
        if unless is not None and evidence(unless, self.profile, self.clock.at) is not None:
            self.pass_over(place, "unless")
            return None
        at = self.permitted(place, self.now)
        if at >= place.fresh_until:
            self.pass_over(place, "quiet_hours")
            return None
        return at

    def planned(self, place: Open, at: datetime) -> datetime:
        """When to look at a step that is not due yet: within the send hours, unless it would be stale by then."""
        permitted = self.permitted(place, at)
        return permitted if permitted < place.fresh_until else at

    def permitted(self, place: Open, at: datetime) -> datetime:
        """Commercial steps keep to the customer's local send hours (settled meanings 8 and 10)."""
        if place.step.purpose == "transactional":
            return at
        if self._zone is None:
            self._zone = zone_of(self.profile, self.shop, self.now)
        return next_permitted(at, self._zone, self.shop.send_hours)

    def pile_up(self, earlier: list[Open]) -> None:
        """If two steps pile up, the later is kept (settled meaning 8)."""
        for place in earlier:
            self.pass_over(place, "piled_up")

    def pass_over(self, place: Open, reason: str) -> None:
        self.effects.append(Skip(self.request(place, place.channels), reason))
        passed = Passed(reason, self.now, self.clock.at)
        self.enrollment = self.enrollment.with_step(place.step.id, passed)

    def hand_over(self, place: Open) -> OnItsWay:
        channels = place.channels
        if place.step.asks_preference and not place.chosen:
            channels = place.step.channels_for(preferred_channel(self.profile, self.now).channel)
            self.effects.append(Choose(place.step.id, Chosen(channels, self.now, self.clock.at)))
        self.effects.append(Send(self.request(place, channels)))
        handed = Handed(channels, self.now, self.clock.at)
        self.enrollment = self.enrollment.with_step(place.step.id, handed)
        on_its_way = on_its_way_or_late(place.step, handed, place.due, self.now)
        assert isinstance(on_its_way, OnItsWay)  # noqa: S101  it is fresh, else it would have been passed over
        return on_its_way

    def request(self, place: Open, channels: tuple[Channel, ...]) -> SendRequest:
        step, given = place.step, place.step.give
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
            give=None
            if given is None
            else Give(
                coupon=given.coupon,
                percent=given.percent,
                valid_ms=None if given.valid is None else round(given.valid.total_seconds() * 1000),
            ),
        )

    def freeze(self) -> None:
        if self.clock.frozen and self.enrollment.clock is None:
            self.enrollment = replace(self.enrollment, clock=self.clock.at)

    def outcome(self, wake: datetime | None) -> Advance:
        self.freeze()
        if wake is not None:
            return Advance(self.enrollment, (*self.effects, Arm(wake)))
        last = max((place.at for place in self.positions if isinstance(place, Settled)), default=self.now)
        at = self.now if any(isinstance(effect, Skip) for effect in self.effects) else last
        return Advance(replace(self.enrollment, end=End("completed", at)), tuple(self.effects))
