"""Customers as segments see them: as segmentation folded them, or folded from the log for what a draft asks anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs
from pydantic import ValidationError

from shared.domain.definitions.problems import problems_of
from shared.domain.definitions.release import Release
from shared.domain.definitions.segment_problems import segment_problems
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import union
from shared.domain.facts.fold import fold
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.subject import Subject
from shared.http.answers import malformed
from shared.operators.environment import Environment
from shared.queries.customer_tree import Member, Tree
from shared.stores.customers import CustomerStore

FILE = "draft"


MOST_DRAFTS = 100


def read_drafts(said: Any, release: Release) -> tuple[SegmentDefinition, ...]:
    """Segments that are not published, checked among each other and those that are.

    Raises
    ------
    Problem
        400 with the place and the remedy of the first mistake.
    """
    if not isinstance(said, list) or not 0 < len(said) <= MOST_DRAFTS:
        raise malformed(f"drafts is a list of 1 to {MOST_DRAFTS} segments")
    drafts = {}
    for one in said:
        try:
            draft = SegmentDefinition.model_validate(one)
        except ValidationError as invalid:
            raise malformed(str(problems_of(FILE, SegmentDefinition, one, invalid)[0])) from invalid
        drafts[draft.segment] = draft
    together = {one.segment: one for one in release.segments} | drafts
    wrong = next(segment_problems(dict.fromkeys(together, FILE), together), None)
    if wrong is not None:
        raise malformed(str(wrong))
    return tuple(drafts.values())


@dataclass(frozen=True, slots=True)
class Subjects:
    """``asked``: the release, with a draft in the place of its namesake; ``folds``: it asks for facts that are not
    kept yet, so that every customer is folded anew from the log, in memory only."""

    environment: Environment
    asked: Release
    folds: bool

    def of(self, tree: Tree) -> Subject:
        """One customer, by exactly what segmentation would decide from."""
        members = tuple(self._folded(member) for member in tree.members)
        profile = structs.replace(tree, members=members).profile()
        by_name: Mapping[str, SegmentDefinition] = {one.segment: one for one in self.asked.segments}
        return Subject(profile, self.asked.shop, by_name, self.environment.keys)

    def _folded(self, member: Member) -> Member:
        """Facts that are older than what is asked are raised, like segmentation raises them with the next event."""
        held = member.control.facts
        if held is None or not (self.folds or held.release < self.asked.folded_since):
            return member
        log = CustomerStore(self.environment.customers).events(member.key)
        facts = fold(Facts(), log, self.asked.features, until=held.until)
        return structs.replace(
            member, control=structs.replace(member.control, facts=structs.replace(held, facts=facts))
        )


def subjects_of(environment: Environment, release: Release, drafts: Sequence[SegmentDefinition] = ()) -> Subjects:
    """For the published segments, or for these with drafts among them."""
    if not drafts:
        return Subjects(environment, release, folds=False)
    names = {draft.segment for draft in drafts}
    others = tuple(one for one in release.segments if one.segment not in names)
    asked = replace(release, segments=(*others, *drafts))
    kept = release.features.written()
    return Subjects(environment, asked, folds=union(release.features, asked.features).written() != kept)
