"""Publishing from drafts: what would change, whether it may, and taking a release back. A new release each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from shared.domain.definitions.difference import Difference, definitions_of, difference
from shared.domain.definitions.drafts import Draft, digest_of, is_outdated, with_drafts
from shared.domain.definitions.origin import Origin
from shared.domain.definitions.problems import Problem as Mistake
from shared.domain.definitions.problems import problems_of
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import time_text
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.team import TeamDefinition
from shared.http.answers import Problem, not_found
from shared.ports import Conflict, Table
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases

MODELS: dict[str, type[BaseModel]] = {
    "segment": SegmentDefinition,
    "journey": JourneyDefinition,
    "team": TeamDefinition,
    "routing": RoutingDefinition,
    "canned_answer": CannedAnswerDefinition,
}
"""What drafts may be of."""


class InvalidDraft(ValueError):
    """What was written is no definition. ``mistakes`` say where and what to do."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        super().__init__("the draft is no definition")
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing these drafts would do. ``release`` is the current one, ``after`` the next, None as long as there
    are ``mistakes``. ``seen`` names exactly this state: who publishes it hands it back.

    ``outdated``: keys of drafts that were made from what is no longer published.
    """

    release: Release
    drafts: tuple[Draft, ...]
    changes: tuple[Difference, ...]
    mistakes: tuple[Mistake, ...]
    outdated: frozenset[str]
    after: Release | None
    seen: str


def plan_drafts(catalog: Table, only: str = "") -> Planned:
    """All drafts together, or the one of this key. Two reads."""
    release = Releases(catalog).current(refresh=True)
    drafts = tuple(one for one in Drafts(catalog).all() if only in ("", one.key))
    published = definitions_of(release)
    wanted = {**published, **{one.key: one.content for one in drafts}}
    changes = difference(published, {key: content for key, content in wanted.items() if content is not None})
    checked = with_drafts(release, drafts)
    outdated = frozenset(one.key for one in drafts if is_outdated(one, published))
    after = None if checked.bundle is None else checked.bundle.release()
    return Planned(release, drafts, changes, checked.problems, outdated, after, _seen(release, drafts))


def publish_drafts(catalog: Table, seen: str, origin: Origin, only: str = "") -> Release:
    """Publishes what somebody saw, and takes those drafts away.

    Raises
    ------
    Problem
        409 if something changed since it was seen, if there is nothing to publish, or if it may not be published.
    """
    planned = plan_drafts(catalog, only)
    if planned.seen != seen or not planned.changes:
        raise changed_meanwhile()
    if planned.after is None or planned.outdated:
        raise Problem(409, "not_publishable", "the drafts cannot be published as they are; open the page again")
    release = _publish(catalog, planned.release, planned.after, origin)
    Drafts(catalog).remove(planned.drafts)
    return release


def save_draft(catalog: Table, kind: str, content: Any, now: datetime, by: str, *, version: int) -> Draft:
    """Keeps one changed definition. A draft that equals what is published is taken away instead.

    ``version`` is that of the draft that the person saw, 0 if there was none.

    Raises
    ------
    InvalidDraft
        If it is no definition of this kind.
    Problem
        409 if somebody else changed the draft meanwhile.
    """
    model = MODELS[kind]
    try:
        read = model.model_validate(content)
    except ValidationError as invalid:
        raise InvalidDraft(problems_of("", model, content, invalid)) from invalid
    kept = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return _save(catalog, f"{kind}/{kept[kind]}", kept, now, by, version)


def remove_in_draft(catalog: Table, key: str, now: datetime, by: str) -> Draft:
    """A draft that takes a published definition away."""
    if key not in definitions_of(Releases(catalog).current()):
        raise not_found("nothing of this name is published")
    before = Drafts(catalog).get(key)
    return _save(catalog, key, None, now, by, before.version if before else 0)


def keep_over_published(catalog: Table, key: str) -> None:
    """Says of an outdated draft that it is meant to replace what was published since."""
    draft = draft_of(catalog, key)
    base = digest_of(definitions_of(Releases(catalog).current(refresh=True)).get(key))
    _put(catalog, replace(draft, base=base, version=draft.version + 1))


def discard(catalog: Table, key: str) -> None:
    """Throws a draft away; what is published stays."""
    Drafts(catalog).remove([draft_of(catalog, key)])


def draft_of(catalog: Table, key: str) -> Draft:
    """Raises Problem 404 if there is no such draft."""
    draft = Drafts(catalog).get(key)
    if draft is None:
        raise not_found("there is no such draft")
    return draft


@dataclass(frozen=True, slots=True)
class Return:
    """Bringing an earlier release back: what would change, and which state was seen."""

    release: Release
    earlier: Release
    changes: tuple[Difference, ...]
    seen: str


def plan_return(catalog: Table, number: int) -> Return:
    """Raises Problem 404 if there is no such release."""
    releases = Releases(catalog)
    current, earlier = releases.current(refresh=True), releases.get(number) if number > 0 else None
    if earlier is None:
        raise not_found("there is no such release")
    changes = difference(definitions_of(current), definitions_of(earlier))
    return Return(current, earlier, changes, f"{current.number}.{earlier.number}")


def bring_back(catalog: Table, number: int, seen: str, origin: Origin) -> Release:
    """Publishes the definitions of an earlier release as the next one.

    Raises
    ------
    Problem
        404 as above; 409 if something was published since, or if nothing would change.
    """
    planned = plan_return(catalog, number)
    if planned.seen != seen or not planned.changes:
        raise changed_meanwhile()
    return _publish(catalog, planned.release, planned.earlier, origin)


def changed_meanwhile() -> Problem:
    """The answer to who acts on what is no longer so."""
    return Problem(409, "changed_meanwhile", "it was changed since you opened the page; look at it again")


def _publish(catalog: Table, seen: Release, wanted: Release, origin: Origin) -> Release:
    try:
        return Releases(catalog).publish(wanted, origin, after=seen.number)
    except Conflict as raced:
        raise changed_meanwhile() from raced


def _save(catalog: Table, key: str, content: Any, now: datetime, by: str, version: int) -> Draft:
    published = definitions_of(Releases(catalog).current(refresh=True)).get(key)
    before = Drafts(catalog).get(key)
    if version != (before.version if before else 0):
        raise changed_meanwhile()
    base = before.base if before else digest_of(published)
    draft = Draft(key, content, base, by, time_text(now), version + 1)
    if content == published:
        Drafts(catalog).remove([before] if before else [])
    else:
        _put(catalog, draft)
    return draft


def _put(catalog: Table, draft: Draft) -> None:
    try:
        Drafts(catalog).put(draft)
    except Conflict as raced:
        raise changed_meanwhile() from raced


def _seen(release: Release, drafts: Iterable[Draft]) -> str:
    state = [str(release.number), *(f"{one.key} {one.version} {one.at}" for one in drafts)]
    return hashlib.blake2b("\n".join(state).encode(), digest_size=16).hexdigest()
