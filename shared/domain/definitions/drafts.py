"""Drafts: changed definitions that are not published yet, and what a release would be with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.definitions.bundle import Checked, Document, check
from shared.domain.definitions.difference import Keyed, definitions_of
from shared.domain.definitions.release import Release
from shared.domain.journeys.definition import EnteredStart, JourneyDefinition


@dataclass(frozen=True, slots=True)
class Draft(Keyed):
    """``content`` is the definition as JSON, None if it is to be removed. ``base`` is the digest of the published
    definition that it was made from. ``version`` rises with each change of the draft."""

    key: str
    content: Any
    base: str
    by: str
    at: str
    version: int


def digest_of(content: Any) -> str:
    """Equal for equal definitions; empty if there is none."""
    if content is None:
        return ""
    written = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def is_outdated(draft: Draft, published: Mapping[str, Any]) -> bool:
    """Whether what is published (``definitions_of`` a release) is no longer what the draft was made from."""
    return digest_of(published.get(draft.key)) != draft.base


def begins_for_members(before: Release, after: Release) -> tuple[JourneyDefinition, ...]:
    """The journeys that publishing begins for everybody who is in their segment: those with ``existing: true`` that are
    new, or whose segment is new or has another rule (docs/segments.md#since-when)."""
    found = []
    for journey in after.journeys:
        if not isinstance(journey.start, EnteredStart) or not journey.start.existing:
            continue
        old, new = (one.segment(journey.start.entered) for one in (before, after))
        same_rule = old is not None and new is not None and old.who == new.who
        known = before.journey(journey.journey)
        if not same_rule or known is None or known.start != journey.start:
            found.append(journey)
    return tuple(found)


def with_drafts(release: Release, drafts: Iterable[Draft]) -> Checked:
    """The definitions of a release with these drafts in the place of their namesakes, validated together.

    Templates are those of the release: they were checked when they were published, and drafts change none.
    """
    contents = definitions_of(release)
    for draft in drafts:
        if draft.content is None:
            contents.pop(draft.key, None)
        else:
            contents[draft.key] = draft.content
    documents = [Document(key, content) for key, content in contents.items() if not key.startswith("template/")]
    return check(documents, {template.template: template for template in release.templates})
