"""Processor time of segment per event, and of one step of a journey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW, Deployment, ready_definitions
from benchmarks.facts_size import facts_after, facts_of
from benchmarks.processor import best_of
from benchmarks.rows import Row
from benchmarks.shopper import Shopper
from shared.domain.facts.encoding import decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.advance import TimerFired, advance
from shared.domain.journeys.enrollment import Enrollment, Trigger, enrollment_id
from shared.domain.journeys.evidence import Rules
from shared.domain.profile.profile import Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.memberships import memberships
from shared.stores.event_items import read_event

PART = "segment and schedule, processor"
HISTORY = 100


def rows(rounds: int = 15) -> Iterator[Row]:
    fold_ms = _fold(rounds)
    note = f"facts of {HISTORY} events read, folded, written, joined; {len(ready_definitions().segments)} segments"
    yield Row(PART, "fold and evaluate one event", fold_ms, "ms", None, prices.of_cpu(fold_ms / 1000), note)
    handler_ms = _handler(rounds)
    note = "the whole handler, events of one person one by one, table in memory"
    yield Row(PART, "segment-on-events, per event", handler_ms, "ms", None, prices.of_cpu(handler_ms / 1000), note)
    advance_ms = _advance(rounds)
    note = "cart-recovery with its first reminder due"
    yield Row(PART, "advance", advance_ms, "ms", None, prices.of_cpu(advance_ms / 1000), note)


def _fold(rounds: int) -> float:
    deployment = Deployment()
    held = encode(facts_after(HISTORY))
    shopper = Shopper()
    shopper.messages(HISTORY)
    deployment.send(shopper.messages(20))
    items = [new for _, new in deployment.stream if new is not None]
    release = deployment.release

    def work() -> None:
        for item in items:
            facts = fold(decode(held), [read_event(item)], release.features)
            encode(facts)
            profile = _profile(join(decode(held), facts))
            memberships(release.segments, profile, release.shop, NOW, {})

    return best_of(rounds, work) / len(items) * 1000


def _profile(facts: Facts) -> Profile:
    who = parse_identifier("user:u-48213")
    return profile_of(KEYS(who), (KEYS(who),), (who,), facts)


def _handler(rounds: int) -> float:
    """Each round folds the same events of new people, so that no round finds its work done."""
    deployment = Deployment()
    measured = []
    for seed in range(rounds + 1):
        shopper = Shopper(seed=1, user=f"u-{seed}")
        deployment.send(shopper.messages(HISTORY))
        deployment.deliver()
        measured.append(shopper.messages(20))
    waiting = iter(measured)

    def work() -> None:
        for message in next(waiting):
            deployment.send([message])
            deployment.deliver()

    both = best_of(rounds, work) / 20
    return max(0.0, both - _send_only(deployment, rounds)) * 1000


def _send_only(deployment: Deployment, rounds: int) -> float:
    messages = Shopper(seed=2, user="u-x").messages(20)

    def work() -> None:
        for message in messages:
            deployment.send([message])
        deployment.stream.clear()

    return best_of(rounds, work) / 20


def _advance(rounds: int) -> float:
    release = ready_definitions()
    journey = release.journey("cart-recovery")
    assert journey is not None
    shopper = Shopper()
    profile = _profile(facts_of([*shopper.messages(HISTORY), shopper.added()]))
    assert profile.cart.updated_at is not None
    began = profile.cart.updated_at
    trigger = Trigger("Product Added", profile.id, "t#-#m#p", began)
    run = Enrollment(journey.journey, enrollment_id(journey.journey, trigger), profile.id, 1, trigger, began, version=1)
    due, rules = began + timedelta(hours=1), Rules.of(release)

    def work() -> None:
        advance(journey, run, TimerFired(), profile, {}, rules, due)

    return best_of(rounds, work, times=200) * 1000
