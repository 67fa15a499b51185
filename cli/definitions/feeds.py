"""Feeds of products in a folder of definitions: `feeds/*.yaml`, one document each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from shared.domain.connectors.feed import Feed
from shared.domain.definitions.problems import Problem, problems_of

if TYPE_CHECKING:
    from shared.domain.definitions.bundle import Document

FEEDS = "feeds"


@dataclass(frozen=True, slots=True)
class CheckedFeeds:
    """``feeds`` are those that are right; with problems nothing is published."""

    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]


def check_feeds(documents: Sequence[Document]) -> CheckedFeeds:
    """The feeds of these documents, and what is wrong with the others."""
    found: dict[str, Feed] = {}
    problems: list[Problem] = []
    for document in documents:
        content = document.content if isinstance(document.content, Mapping) else {}
        try:
            feed = Feed.model_validate(content)
        except ValidationError as invalid:
            problems += problems_of(document.file, Feed, content, invalid)
            continue
        if feed.feed in found:
            message = f"the feed {feed.feed} is described twice"
            problems.append(Problem(document.file, "feed", message, "keep one of the two"))
        found[feed.feed] = feed
    return CheckedFeeds(tuple(found.values()), tuple(problems))


def is_feed(document: Document) -> bool:
    """Whether a document lies in the folder of the feeds."""
    return document.file.partition("/")[0] == FEEDS
