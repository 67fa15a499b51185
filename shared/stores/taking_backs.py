"""What operators took back of withdrawals: one item each, among the changes that the console shows.

``changes#<month>`` / ``<time>#<id>`` in the catalog, as ``console_changes`` writes them; beside that how far it is, so
that a walk goes on where it stopped.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.forged_withdrawals import Attack
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.ports import Conflict, Table
from shared.stores.console_changes import PARTITION
from shared.stores.withdrawal_pointers import SHARDS, first_mark

WHAT = "withdrawals.taken_back"
_ID = re.compile(r"([0-9]{13})-([0-9a-f]{12})")
_ID_BYTES = 6
ATTEMPTS = 20
"""Of writing an operation whose parts are walked side by side: each is written every few seconds."""


class TakingBack(Struct, frozen=True):
    """``marks``: by part, behind which pointer it goes on; a part that is done has none. A part is a shard of the
    pointers. ``version`` is 0 until it is stored."""

    id: str
    at: datetime
    by: str
    attack: Attack
    because: str
    marks: Mapping[int, str]
    counts: Mapping[str, int] = {}
    version: int = 0

    def after(self, part: int, mark: str | None, counts: Mapping[str, int]) -> TakingBack:
        """When a part of it came to this mark, and found so much more."""
        marks = {one: old for one, old in self.marks.items() if one != part} | ({} if mark is None else {part: mark})
        return replace(self, marks=marks, counts=dict(Counter(self.counts) + Counter(counts)))


def new_taking_back(attack: Attack, by: str, because: str, now: datetime) -> TakingBack:
    """One that is not stored yet."""
    ms = milliseconds(now)
    marks = {shard: first_mark(shard) for shard in range(SHARDS)}
    return TakingBack(f"{ms}-{secrets.token_hex(_ID_BYTES)}", moment(ms), by, attack, because, marks)


class TakingBacks:
    """Reads are consistent."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def put(self, one: TakingBack) -> TakingBack:
        """Returns it with its new version.

        Raises
        ------
        Conflict
            If another call went on with it meanwhile.
        """
        written = replace(one, version=one.version + 1)
        expect = {"pk": None} if one.version == 0 else {"version": one.version}
        self._table.put(_item(written), expect=expect)
        return written

    def advance(self, held: TakingBack, part: int, mark: str | None, counts: Mapping[str, int]) -> TakingBack:
        """Notes how far a part is now, and what was found beside; other parts may go on meanwhile.

        Raises
        ------
        Conflict
            If another call went on with the same part, or others keep changing the item.
        """
        now: TakingBack | None = held
        for _ in range(ATTEMPTS):
            if now is None or now.marks.get(part) != held.marks[part]:
                raise Conflict("the part is further already")
            try:
                return self.put(now.after(part, mark, counts))
            except Conflict:
                now = self.get(held.id)
        raise Conflict("the operation keeps changing under us")

    def get(self, id_: str) -> TakingBack | None:
        """None if it is not there, or the text is no id."""
        key = _key(id_)
        item = None if key is None else self._table.get(*key)
        return None if item is None or item.get("what") != WHAT else _read(id_, item)


def _key(id_: str) -> tuple[str, str] | None:
    found = _ID.fullmatch(id_)
    if found is None:
        return None
    at = time_text(moment(int(found[1])))
    return PARTITION + at[:7], f"{at}#{found[2]}"


def _item(one: TakingBack) -> dict[str, Any]:
    key = _key(one.id)
    if key is None:
        raise ValueError("no id of a taking back")
    about = {
        "source": one.attack.source,
        "from": time_text(one.attack.begin),
        "to": time_text(one.attack.end),
        "because": one.because,
    }
    done = not one.marks
    if done:
        about["taken_back"] = str(one.counts.get("taken_back", 0))
    return {
        "pk": key[0],
        "sk": key[1],
        "at": time_text(one.at),
        "by": one.by,
        "subject": one.by,
        "what": WHAT,
        "about": about,
        "outcome": "done" if done else "asked",
        "counts": dict(one.counts),
        "version": one.version,
        "marks": {str(part): mark for part, mark in sorted(one.marks.items())},
    }


def _read(id_: str, item: Mapping[str, Any]) -> TakingBack:
    about = item["about"]
    begin, end = (datetime.fromisoformat(about[name]) for name in ("from", "to"))
    return TakingBack(
        id_,
        datetime.fromisoformat(item["at"]),
        item["by"],
        Attack(about["source"], begin, end),
        about["because"],
        {int(part): mark for part, mark in item["marks"].items()},
        Counter({name: int(number) for name, number in item["counts"].items()}),
        int(item["version"]),
    )
