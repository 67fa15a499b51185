"""Codes of coupons in the table ``messages``: free ones, and claims. A code is given at most once, and none is lost.

Items: ``coupon#<name>#free#<shard>`` / ``<digest>#<code>``, a code that may be taken, with a ``mark`` that changes each
time it comes back; ``coupon#<name>#code#<code>`` / ``claim``: whose it is. **The claim alone decides.** It is made by a
conditional write; a free item beside a claim is a leftover of a crash, and whoever meets it takes it away. A claim that
was given up stays, as nobody's, with the mark that the free item has since.

Taking an imported code costs a query of a few items (one read unit), the claim and the removal of the free item (one
write unit each); a code from a pattern costs the claim. Shards and a random place in them keep takers apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from msgspec import Struct

from shared.domain.coupons.definition import CouponDefinition
from shared.domain.coupons.pattern import Draw
from shared.domain.identity.keys import milliseconds, moment, shard_of
from shared.ports import Conflict, Table

SHARDS = 8
"""The number only grows."""
WINDOW = 8
"""Free codes that a taker looks at."""
CLAIM = "claim"
NOBODY = ""
"""The unit of a claim that was given up."""
MARKS = 2**40
TRIES = 5
_DIGITS = 16**8


class Candidate(Struct, frozen=True):
    """A code that seems to be free. ``mark`` and ``sk`` are those of its free item, if it was found by one."""

    code: str
    sk: str = ""
    mark: int | None = None


class Holder(Struct, frozen=True):
    """Who wants the code: the attempt ``revision`` of a message, for its unit. Two customers never share a ``unit``."""

    unit: str
    message_id: str
    revision: int
    home: str


class Claim(Struct, frozen=True):
    """The owner of a code, since when, and what the code is worth."""

    code: str
    holder: Holder
    at: datetime
    percent: int | None = None
    valid_until: datetime | None = None


class CouponCodes:
    """Reads, claims and gives back codes. ``draw`` is the source of randomness; nobody must be able to guess it."""

    def __init__(self, messages: Table, draw: Draw) -> None:
        self._table = messages
        self._draw = draw

    def candidate(self, definition: CouponDefinition, avoid: Iterable[str] = ()) -> Candidate | None:
        """A code that is probably free and not among ``avoid``; None if there is none left. Nothing is written."""
        pattern = definition.made
        if pattern is not None:
            return Candidate(pattern.code(self._draw))
        refused = frozenset(avoid)
        first, start = self._draw(SHARDS), f"{self._draw(_DIGITS):08x}"
        for place in range(SHARDS):
            pk = _free(definition.coupon, (first + place) % SHARDS)
            for below in (None, start):  # from a random place on, then what lies before it
                page = self._table.query(pk, at_least=None if below else start, below=below, limit=WINDOW)
                found = [item for item in page.items if _code(item) not in refused]
                if found:
                    item = found[self._draw(len(found))]
                    return Candidate(_code(item), item["sk"], item.get("mark"))
        return None

    def claim(self, definition: CouponDefinition, candidate: Candidate, claim: Claim) -> bool:
        """True if the code is this unit's now, False if it is another's. An attempt takes it over from an earlier one.

        A code that was given up by half, because somebody crashed, is free afterwards.

        Raises
        ------
        Conflict
            If two attempts of the unit take it over at once: it is the unit's, so no other code may be chosen.
        """
        pk = _claim(definition.coupon, candidate.code)
        mine = _claim_item(pk, definition.coupon, claim)
        free: dict[str, Any] = {"pk": None} if candidate.mark is None else {"unit": NOBODY, "mark": candidate.mark}
        try:
            self._table.put(mine, expect=free)
        except Conflict:
            free_item = _free_item(definition.coupon, candidate.code)
            seen = None if definition.made else self._table.get(free_item["pk"], free_item["sk"])
            held = self._table.get(pk, CLAIM)
            if held is None or held["unit"] != claim.holder.unit:
                if held is not None and held["unit"] == NOBODY and not definition.made:
                    with suppress(Conflict):  # somebody else finished it
                        self._finish_return(free_item, seen, held)
                self._remove_free(definition, candidate)
                return False
            expect = _as_held(held)
            if any(mine[name] != value for name, value in expect.items()):
                self._table.put({**mine, "at_ms": held["at_ms"]}, expect=expect)
        self._remove_free(definition, candidate)
        return True

    def give_back(self, definition: CouponDefinition, code: str, unit: str, unsent: Callable[[Holder], bool]) -> bool:
        """Free again, unless a message of the unit went out with it or still may: ``unsent`` says, asked after the look
        at the claim. False if the code stays with its unit.

        Repeating it is safe. The claim stays as nobody's: an attempt that slept through it all cannot take the code,
        because a code that came back is taken with the mark of its return only. The free item is looked at before the
        claim and changed only as it was seen: a mark of an earlier return never takes the place of a later one.

        Raises
        ------
        Conflict
            If attempts of the unit keep taking it over.
        """
        pk = _claim(definition.coupon, code)
        free = _free_item(definition.coupon, code)
        for _ in range(TRIES):
            seen = None if definition.made else self._table.get(free["pk"], free["sk"])
            held = self._table.get(pk, CLAIM)
            if held is None or held["unit"] not in {unit, NOBODY}:
                return True  # noted and never claimed, or another's since
            if held["unit"] == unit:
                if not unsent(_holder(held)):
                    return False
                nobodys = {
                    "pk": pk,
                    "sk": CLAIM,
                    "coupon": definition.coupon,
                    "unit": NOBODY,
                    "mark": self._draw(MARKS),
                }
                try:
                    self._table.put(nobodys, expect=_as_held(held))
                except Conflict:
                    continue
                held = nobodys
            if definition.made:
                return True
            try:
                self._finish_return(free, seen, held)
            except Conflict:
                continue
            return True
        raise Conflict("the code kept being taken over")

    def add(self, name: str, codes: Iterable[str]) -> int:
        """Imports codes; returns how many were not known, as free or given. Importing a file again changes nothing."""
        wanted = {code: _free_item(name, code) for code in codes}
        keys = [(item["pk"], item["sk"]) for item in wanted.values()] + [(_claim(name, code), CLAIM) for code in wanted]
        known = {(item["pk"], item["sk"]) for item in self._table.get_many(keys)}
        new = [
            item for code, item in wanted.items() if not known & {(item["pk"], item["sk"]), (_claim(name, code), CLAIM)}
        ]
        self._table.put_many(new)
        return len(new)

    def left(self, name: str, at_most: int) -> int:
        """How many codes are free, counted up to ``at_most``."""
        count = 0
        for shard in range(SHARDS):
            cursor = None
            while count < at_most:
                page = self._table.query(_free(name, shard), limit=at_most - count, cursor=cursor)
                count += len(page.items)
                cursor = page.cursor
                if cursor is None:
                    break
        return count

    def find(self, name: str, code: str) -> Claim | None:
        """The claim of a code; None if nobody was given it."""
        held = self._table.get(_claim(name, code), CLAIM)
        if held is None or held["unit"] == NOBODY:
            return None
        ends = held.get("valid_until")
        return Claim(
            code, _holder(held), moment(held["at_ms"]), held.get("percent"), None if ends is None else moment(ends)
        )

    def _finish_return(self, free: dict[str, Any], seen: dict[str, Any] | None, nobodys: dict[str, Any]) -> None:
        """The free item of a code that nobody has, if it was lost in a crash. Raises Conflict if it is not as ``seen``,
        before the claim."""
        if seen is not None and seen.get("mark") == nobodys["mark"]:
            return
        expect = {"pk": None} if seen is None else {"mark": seen.get("mark")}
        self._table.put({**free, "mark": nobodys["mark"]}, expect=expect)

    def _remove_free(self, definition: CouponDefinition, candidate: Candidate) -> None:
        """Removes a free item as it was read. If the code came back meanwhile, the item stays."""
        if not candidate.sk:
            return
        pk = _free_item(definition.coupon, candidate.code)["pk"]
        try:
            self._table.delete(pk, candidate.sk, expect={"mark": candidate.mark})
        except Conflict:
            return


def noted_candidate(code: str, mark: int | None) -> Candidate:
    """The code that an earlier attempt of the unit found, as that one found it."""
    return Candidate(code) if mark is None else Candidate(code, _place(code), mark)


def _free(name: str, shard: int) -> str:
    return f"coupon#{name}#free#{shard}"


def _claim(name: str, code: str) -> str:
    return f"coupon#{name}#code#{code}"


def _free_item(name: str, code: str) -> dict[str, Any]:
    return {"pk": _free(name, shard_of(code, SHARDS)), "sk": _place(code)}


def _place(code: str) -> str:
    return f"{hashlib.blake2b(code.encode(), digest_size=4).hexdigest()}#{code}"


def _code(item: dict[str, Any]) -> str:
    return str(item["sk"]).partition("#")[2]


def _claim_item(pk: str, name: str, claim: Claim) -> dict[str, Any]:
    holder = claim.holder
    item: dict[str, Any] = {
        "pk": pk,
        "sk": CLAIM,
        "coupon": name,
        "unit": holder.unit,
        "message": holder.message_id,
        "revision": holder.revision,
        "of": holder.home,
        "at_ms": milliseconds(claim.at),  # not `at`: that is a key of the index `by_home`, and holds text
    }
    if claim.percent is not None:
        item["percent"] = claim.percent
    if claim.valid_until is not None:
        item["valid_until"] = milliseconds(claim.valid_until)
    return item


def _as_held(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("unit", "message", "revision")}


def _holder(item: dict[str, Any]) -> Holder:
    return Holder(item["unit"], item["message"], int(item["revision"]), item["of"])
