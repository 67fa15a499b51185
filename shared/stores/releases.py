"""Published releases: immutable, numbered, one pointer that flips at once (docs/definitions.md).

Items of the catalog: ``release#<n>`` / ``part#000`` and on hold the JSON, because an item holds 400 KB at the most;
``release`` / ``current`` is the pointer; ``release`` / ``log#<n>`` says of each release where it came from and what
it changed; ``release`` / ``text#<version>`` is a consent text, for good: people agreed to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from shared.domain.definitions.origin import Origin, read_origin, write_origin
from shared.domain.definitions.release import NOTHING, Release, read_release, write_release
from shared.domain.definitions.sign_up import ConsentText, RewrittenText, rewritten
from shared.ports import Conflict, Table, Write

SECONDS = 15.0
"""How long an environment believes the pointer it read."""
PART_BYTES = 300_000
KEPT = 8
"""Releases that an environment keeps parsed: enrollments pin theirs."""

_POINTER = ("release", "current")
_LOG = "log#"
_TEXT = "text#"
LOOKED_BACK = 50
"""Releases whose consent texts are noted by the first publication that notes them."""
MOST_LISTED = 200
"""Definitions that the log names of one release."""


class Publication(Struct, frozen=True):
    """One release of the log. ``changed`` are the keys of definitions (``segment/at-risk``); ``more`` were not
    listed."""

    number: int
    origin: Origin | None
    changed: tuple[str, ...]
    more: int


_PARSED: WeakKeyDictionary[Table, dict[int, Release]] = WeakKeyDictionary()
"""By table what was parsed of it: a release never changes, so whoever reads the table may share it."""


def _parsed_of(catalog: Table) -> dict[int, Release]:
    """A reader that stands before a table for a while (``table``) shares what was parsed of the table."""
    try:
        return _PARSED.setdefault(getattr(catalog, "table", catalog), {})
    except TypeError:  # a table that cannot be a key has nothing to share
        return {}


class Releases:
    """Reads and publishes releases; keeps the current one for 15 seconds per environment."""

    def __init__(self, catalog: Table, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = catalog
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._current = NOTHING
        self._parsed = _parsed_of(catalog)

    def current(self, *, refresh: bool = False) -> Release:
        """The release that the pointer names (an empty one before the first); ``refresh`` asks the pointer now."""
        now = self._monotonic()
        if refresh or self._read_at is None or now - self._read_at >= SECONDS:
            pointer = self._table.get(*_POINTER)
            number = int(pointer["number"]) if pointer else 0
            if number != self._current.number:
                self._current = self.get(number) or self._current
            self._read_at = now
        return self._current

    def get(self, number: int) -> Release | None:
        """A release by its number; None if it was never published whole."""
        if number == 0:
            return NOTHING
        if number not in self._parsed:
            text = self._text(number)
            if text is None:
                return None
            while len(self._parsed) >= KEPT:
                del self._parsed[next(iter(self._parsed))]
            self._parsed[number] = read_release(text)
        return self._parsed[number]

    def publish(self, definitions: Release, origin: Origin | None = None, *, after: int | None = None) -> Release:
        """Store the definitions under the next free number, then flip the pointer; rolling back is a new number.

        ``after``: the release that must still be the current one.

        Raises
        ------
        Conflict
            If somebody else published meanwhile: look at theirs and publish again.
        RewrittenText
            If a version of a consent text says something else than in any earlier release, removed or not.
        """
        from shared.domain.definitions.difference import definitions_of, difference  # as in _folding

        pointer = self._table.get(*_POINTER)
        before = int(pointer["number"]) if pointer else 0
        if after not in (None, before):
            raise Conflict(f"release {before} was published meanwhile")
        previous = self.get(before) or NOTHING
        texts = self._new_texts(definitions.shop.consent_texts, before)
        changed = [one.key for one in difference(definitions_of(previous), definitions_of(definitions))]
        release = replace(definitions.after(previous), number=before + 1, origin=origin)
        while not self._reserve(release := _marked(self._folding(release, previous), previous, changed)):
            release = replace(release, number=release.number + 1)
        flipped = {"pk": _POINTER[0], "sk": _POINTER[1], "number": release.number}
        expected = {"number": before} if pointer else {"pk": None}
        for item in texts:  # before the pointer: from then on people agree to them
            self._table.put(item)
        self._table.transact([Write(flipped, expected), Write(_log_item(release, changed))])
        self._read_at = None
        return release

    def consent_texts(self) -> dict[str, ConsentText]:
        """Every version of a consent text that was ever published since they are noted, with all its languages."""
        found: dict[str, ConsentText] = {}
        cursor = None
        while True:
            page = self._table.query(_POINTER[0], prefix=_TEXT, cursor=cursor)
            found |= {
                item["sk"].removeprefix(_TEXT): ConsentText.model_validate_json(item["text"]) for item in page.items
            }
            cursor = page.cursor
            if cursor is None:
                return found

    def _new_texts(self, wanted: Mapping[str, ConsentText], before: int) -> list[dict[str, Any]]:
        """The items of texts that were not noted yet."""
        known = self.consent_texts()
        if not known:  # published before texts were noted: from the releases that are still there
            for number in range(max(1, before - LOOKED_BACK), before + 1):
                release = self.get(number)
                for version, text in release.shop.consent_texts.items() if release else ():
                    known[version] = text.joined(known[version]) if version in known else text
        changed = rewritten(known, wanted)
        if changed:
            raise RewrittenText(changed[0])
        texts = {
            **known,
            **{name: text.joined(known[name]) if name in known else text for name, text in wanted.items()},
        }
        return [
            {"pk": _POINTER[0], "sk": _TEXT + version, "text": text.model_dump_json(exclude_defaults=True)}
            for version, text in sorted(texts.items())
        ]

    def log(self, limit: int, cursor: str | None = None) -> tuple[tuple[Publication, ...], str | None]:
        """The releases, newest first, and where to go on. Those that were published before this log was kept are not
        in it."""
        page = self._table.query(_POINTER[0], prefix=_LOG, limit=limit, newest_first=True, cursor=cursor)
        return tuple(map(_read_log, page.items)), page.cursor

    def _folding(self, release: Release, previous: Release) -> Release:
        from shared.domain.segments.rule_changes import ruled_since  # readers publish nothing

        folded_as = release.fingerprint
        since = previous.folded_since if folded_as == previous.folded_as else release.number
        return replace(release, folded_since=since, folded_as=folded_as, ruled_since=ruled_since(release, previous))

    def _reserve(self, release: Release) -> bool:
        """Stores all parts; False if the number is taken, by a publication that crashed or one that runs."""
        pk, parts = f"release#{release.number}", _parts(write_release(release).encode())
        items = [
            {"pk": pk, "sk": f"part#{place:03d}", "parts": len(parts), "data": part} for place, part in enumerate(parts)
        ]
        try:
            self._table.put(items[0], expect={"pk": None})
        except Conflict:
            return False
        for item in items[1:]:
            self._table.put(item)
        return True

    def _text(self, number: int) -> str | None:
        parts: list[bytes] = []
        cursor, expected = None, 1
        while True:
            page = self._table.query(f"release#{number}", prefix="part#", cursor=cursor)
            for item in page.items:
                parts.append(item["data"])
                expected = int(item["parts"])
            cursor = page.cursor
            if cursor is None:
                break
        return b"".join(parts).decode() if len(parts) == expected else None


def _marked(release: Release, previous: Release, changed: list[str]) -> Release:
    """Which definitions the console changed last: what it publishes is added, what files change is taken out."""
    if release.origin is not None and release.origin.source == "console":
        marks = {**previous.from_console, **dict.fromkeys(changed, release.number)}
    else:
        marks = {key: number for key, number in previous.from_console.items() if key not in changed}
    return replace(release, from_console=marks)


def _log_item(release: Release, changed: list[str]) -> dict[str, Any]:
    return {
        "pk": _POINTER[0],
        "sk": f"{_LOG}{release.number:09d}",
        "number": release.number,
        "origin": None if release.origin is None else write_origin(release.origin),
        "changed": changed[:MOST_LISTED],
        "more": max(0, len(changed) - MOST_LISTED),
    }


def _read_log(item: dict[str, Any]) -> Publication:
    origin = read_origin(item["origin"]) if item["origin"] else None
    return Publication(int(item["number"]), origin, tuple(item["changed"]), int(item["more"]))


def _parts(data: bytes) -> list[bytes]:
    return [data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES)]
