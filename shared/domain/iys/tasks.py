"""The messages of IYS's work queue: whose statements changed, what IYS told, who was erased, what is to be tried again.

Addresses are in the bodies alone, and only of what IYS told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from msgspec import Struct

from shared.domain.identity.keys import LETTERS
from shared.domain.iys.statement import RECIPIENT_TYPES, Change, RecipientType
from shared.domain.iys.wire import change_json, read_change

MOST_HOMES = 50
MOST_CHANGES = 100
"""Of a message; a hundred changes take some 30 KB."""
MOST_PLACES = 100


_NAMES = frozenset({"homes", "changes", "refusals", "erased", "again"})


class UnreadableTask(ValueError):
    """The body is no task. The text holds nothing of it."""


class Task(Struct, frozen=True):
    """``homes``: identifiers whose consents are to be looked at. ``changes``: what IYS told; ``from_file``: by its
    file, so that it is no news. ``refusals``: what changes say that cannot be read whole. ``erased``: keys of people
    who were erased. ``again``: records whose refused statements are to be told once more."""

    homes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    from_file: bool = False
    refusals: tuple[Change, ...] = ()
    erased: tuple[str, ...] = ()
    again: tuple[tuple[str, RecipientType], ...] = ()


def homes_tasks(homes: Iterable[str]) -> list[str]:
    """The messages that say whose consents changed."""
    return [json.dumps({"homes": part}) for part in _parts(sorted(set(homes)), MOST_HOMES)]


def changes_tasks(changes: Sequence[Change], *, from_file: bool = False) -> list[str]:
    """The messages that bring what IYS told."""
    more = {"from_file": True} if from_file else {}
    return [
        json.dumps({"changes": [change_json(one) for one in part], **more}, ensure_ascii=False)
        for part in _parts(list(changes), MOST_CHANGES)
    ]


def refusals_tasks(changes: Sequence[Change]) -> list[str]:
    """The messages that bring refusals of which no more can be read than whose they are."""
    return [
        json.dumps({"refusals": [change_json(one) for one in part]}, ensure_ascii=False)
        for part in _parts(list(changes), MOST_CHANGES)
    ]


def erased_tasks(keys: Iterable[str]) -> list[str]:
    """The messages that say who was erased: keys of e-mail addresses and phone numbers."""
    return [json.dumps({"erased": part}) for part in _parts(sorted(set(keys)), MOST_HOMES)]


def again_tasks(places: Iterable[tuple[str, RecipientType]]) -> list[str]:
    """The messages that ask to tell refused statements once more."""
    return [json.dumps({"again": part}) for part in _parts([list(one) for one in places], MOST_PLACES)]


def read_task(body: str) -> Task:
    """
    Raises
    ------
    UnreadableTask
        If the body is something else.
    """
    try:
        said: Any = json.loads(body)
        if not _NAMES & set(said):
            raise UnreadableTask("the body asks for nothing")
        changes = [read_change(one) for one in said.get("changes", ())]
        refusals = [read_change(one) for one in said.get("refusals", ())]
        if None in changes or None in refusals:
            raise UnreadableTask("a change cannot be read")
        return Task(
            homes=tuple(map(_key, said.get("homes", ()))),
            changes=tuple(one for one in changes if one is not None),
            from_file=said.get("from_file") is True,
            refusals=tuple(one for one in refusals if one is not None),
            erased=tuple(map(_key, said.get("erased", ()))),
            again=tuple((_key(key), _recipient_type(kind)) for key, kind in said.get("again", ())),
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as broken:
        raise UnreadableTask("the body is no task of IYS") from broken


def _key(said: Any) -> str:
    if not isinstance(said, str) or said[:1] not in LETTERS or not 3 <= len(said) <= 64:
        raise UnreadableTask("a key is none")
    return said


def _recipient_type(said: Any) -> RecipientType:
    if said not in RECIPIENT_TYPES:
        raise UnreadableTask("a kind of recipient is none")
    return cast("RecipientType", said)


def _parts(found: list[Any], most: int) -> Iterator[list[Any]]:
    for start in range(0, len(found), most):
        yield found[start : start + most]
