"""What a draft of a segment would hold: how many, how many of them each channel reaches, and who, for example."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from shared.domain.consent.consent import CHANNELS, MARKETING
from shared.domain.identity.keys import time_text
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.describe import describe_segment
from shared.domain.segments.estimate import Estimate, estimate
from shared.domain.segments.evaluate import evaluate_node, evaluate_segment
from shared.domain.segments.evaluate_consent import writable
from shared.domain.segments.flips import flips
from shared.domain.segments.subject import Subject
from shared.operators.environment import Environment
from shared.operators.search import shown_name
from shared.operators.segment_subjects import Subjects, read_drafts, subjects_of
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.live_customers import about_how_many, first_customers, random_customers
from shared.stores.releases import Releases

COUNTED = 5_000
"""Up to so many customers everybody is looked at, as far as BUDGET lasts."""
BUDGET = 15.0
"""Seconds for looking at customers; the answer must be there within the 25 of the function."""
LOOKED_AT = 500
"""In a larger shop so many customers are drawn at random."""
FOLDED = 150
"""The same where each must be folded from its log, because the draft asks for what facts do not hold yet."""
SHOWN = 10
WORKERS = 8
"""Customers read side by side: the work is waiting for the table."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """One customer that was looked at, and the drafts whose member it is. ``until``: how long the first holds;
    ``channels``: where marketing reaches its members."""

    root: str
    name: str | None
    drafts: tuple[str, ...]
    until: datetime | None
    channels: tuple[str, ...]
    ahead: _Ahead | None


@dataclass(frozen=True, slots=True)
class _Ahead:
    """``enters`` and ``leaves``: with time alone, within what was asked; ``was``: a member of the published segment of
    this name."""

    name: str | None
    enters: bool
    leaves: bool
    was: bool


def preview(
    environment: Environment, draft: Any, beside: Sequence[Any] = (), *, ahead: timedelta | None = None
) -> dict[str, Any]:
    """Of the first draft everything, of those beside it how many; each customer is read once for all.

    With ``ahead`` also how many come and go with time alone until then, how many join and drop out compared with what
    is published, and the names of the sample.

    Costs one to three reads per customer looked at (and the log, where that is asked). Writes nothing.

    Raises
    ------
    Problem
        400 with the place and the remedy of the first mistake.
    """
    release = Releases(environment.catalog).current()
    drafts = read_drafts([draft, *beside], release)
    subjects = subjects_of(environment, release, drafts)
    store = CustomerStore(environment.customers)
    rng = random.Random()  # noqa: S311 - a sample, no secret
    roots, small = first_customers(store, COUNTED)
    everybody = len(roots)
    if small:
        rng.shuffle(roots)  # so that those who were looked at when time ran out are a random sample
    else:
        everybody = about_how_many(store)
        roots = random_customers(store, FOLDED if subjects.folds else LOOKED_AT, rng)
    now = environment.clock.now()
    asked = _Asked(drafts, now, None if ahead is None else now + ahead, release.segment(drafts[0].segment))
    seen, finished = _look_at_all(store, roots, subjects, asked)
    exact = small and finished
    everybody = len(seen) if exact else everybody
    how = _how(len(seen), exact=exact, small=small, folds=subjects.folds)
    answer = _answer(drafts, seen, everybody, exact=exact, folds=subjects.folds) | {"how": how}
    return answer if ahead is None else answer | _compared(drafts[0], seen, everybody, exact=exact)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of each customer. ``until`` is None if nobody asks what comes; ``published`` is the segment that
    the first draft would replace."""

    drafts: tuple[SegmentDefinition, ...]
    now: datetime
    until: datetime | None
    published: SegmentDefinition | None


def _compared(draft: SegmentDefinition, seen: Sequence[_Seen], everybody: int, *, exact: bool) -> dict[str, Any]:
    pairs = [(draft.segment in one.drafts, one.ahead) for one in seen if one.ahead is not None]

    def told(number: int) -> dict[str, Any]:
        return asdict(estimate(number, len(seen), everybody, exact=exact))

    return {
        "enter": told(sum(ahead.enters for _, ahead in pairs)),
        "leave": told(sum(ahead.leaves for _, ahead in pairs)),
        "joins": told(sum(held and not ahead.was for held, ahead in pairs)),
        "drops": told(sum(ahead.was and not held for held, ahead in pairs)),
        "names": {one.root: one.ahead.name for one in seen if one.ahead is not None and draft.segment in one.drafts},
    }


def _answer(
    drafts: Sequence[SegmentDefinition], seen: Sequence[_Seen], everybody: int, *, exact: bool, folds: bool
) -> dict[str, Any]:
    draft = drafts[0]
    members = [one for one in seen if draft.segment in one.drafts]

    def told(number: int) -> Estimate:
        return estimate(number, len(seen), everybody, exact=exact)

    return {
        "segment": draft.segment,
        "sentences": {"tr": describe_segment(draft, "tr"), "en": describe_segment(draft, "en")},
        "exact": exact,
        "customers": everybody,
        "looked_at": len(seen),
        "from_log": folds,
        **asdict(told(len(members))),
        "reachable": {channel: asdict(told(sum(channel in one.channels for one in members))) for channel in CHANNELS},
        "sample": [
            {
                "customer": one.root,
                "identifier": one.name,
                "valid_until": None if one.until is None else time_text(one.until),
            }
            for one in members[:SHOWN]
        ],
        "beside": {
            other.segment: asdict(told(sum(other.segment in one.drafts for one in seen))) for other in drafts[1:]
        },
    }


def _look_at_all(
    store: CustomerStore, roots: Sequence[str], subjects: Subjects, asked: _Asked
) -> tuple[list[_Seen], bool]:
    """The customers that could be looked at within the budget, in the order of ``roots``; and whether that is all."""
    end = monotonic() + BUDGET

    def look(root: str) -> tuple[_Seen | None, bool]:
        return (None, False) if monotonic() > end else (_look(store, root, subjects, asked), True)

    with ThreadPoolExecutor(WORKERS) as pool:
        looked = list(pool.map(look, roots))
    return [one for one, _ in looked if one is not None], all(done for _, done in looked)


def _look(store: CustomerStore, root: str, subjects: Subjects, asked: _Asked) -> _Seen | None:
    """None for a root that has an owner meanwhile: it is looked at there."""
    tree = load_tree(store, root)
    if tree.root != root:
        return None
    subject, now = subjects.of(tree), asked.now
    truths = [evaluate_segment(draft, subject, now) for draft in asked.drafts]
    channels: tuple[str, ...] = ()
    if truths[0].value:
        there = (channel for channel in CHANNELS if subject.addresses.get(channel) is not None)
        channels = tuple(channel for channel in there if writable(channel, MARKETING, subject, now))
    who = tree.members[0].identifier
    held = tuple(draft.segment for draft, truth in zip(asked.drafts, truths, strict=True) if truth.value)
    ahead = _ahead(subject, asked)
    return _Seen(root, str(who) if who else None, held, truths[0].valid_until, channels, ahead)


def _ahead(subject: Subject, asked: _Asked) -> _Ahead | None:
    if asked.until is None:
        return None
    coming = list(flips(asked.drafts[0], subject, asked.now, asked.until))
    # by its rule: answers are kept by name, and the draft has the same
    was = asked.published is not None and evaluate_node(asked.published.who, subject, asked.now).value
    traits = {name: trait.value for name, trait in subject.profile.traits.items()}
    enters, leaves = (any(flip.enters is way for flip in coming) for way in (True, False))
    return _Ahead(shown_name(traits), enters, leaves, was)


def _how(number: int, *, exact: bool, small: bool, folds: bool) -> str:
    log = ", each folded anew from its events, because facts do not hold yet what the draft asks" if folds else ""
    if exact:
        return f"all {number} customers were looked at{log}"
    if small:
        return (
            f"{number} customers drawn by chance were looked at{log}, as many as there was time for; low to high holds "
            "the true share in 95 of 100 such samples"
        )
    return (
        f"{number} customers drawn by chance were looked at{log}; low to high holds the true share in 95 of 100 such "
        "samples, of a number of customers that is itself estimated to some 5%"
    )
