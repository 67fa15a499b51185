"""Erasures: what was asked and what was done, in ``catalog``; and the marks that refuse what comes later.

``erasures`` / ``<id>``: one erasure. In ``customers``, ``<home>`` / ``erased``: until when events of this identifier
are refused. Neither holds a value of the person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.identity.keys import ERASED, milliseconds, moment
from shared.domain.privacy.erasure import PROOF_KEPT, Erasure, State
from shared.ports import Conflict, Page, Table

PK = "erasures"


class Erasures:
    """The erasures in the table ``catalog``."""

    def __init__(self, catalog: Table) -> None:
        self._catalog = catalog

    def put(self, erasure: Erasure) -> Erasure:
        """Writes it on condition of the version that was read (0: there was none).

        Raises
        ------
        Conflict
            If somebody else wrote it meanwhile.
        """
        expect = {"pk": None} if erasure.version == 0 else {"version": erasure.version}
        erasure.version += 1
        try:
            self._catalog.put(_item(erasure), expect=expect)
        except BaseException:
            erasure.version -= 1
            raise
        return erasure

    def get(self, name: str) -> Erasure | None:
        """The erasure of this id, if there is one."""
        item = self._catalog.get(PK, name)
        return None if item is None else _read(item)

    def page(self, *, limit: int, cursor: str | None = None) -> tuple[list[Erasure], str | None]:
        """The newest first: ids begin with the time of the request."""
        page: Page = self._catalog.query(PK, limit=limit, newest_first=True, cursor=cursor)
        return [_read(item) for item in page.items], page.cursor


def put_marks(customers: Table, erasure: Erasure, homes: Iterable[str]) -> None:
    """From now on events of these identifiers are refused; durable when it returns. The same again changes nothing."""
    until = milliseconds(erasure.refused_until)
    marks = [
        {"pk": home, "sk": ERASED, "erasure": erasure.id, "until": until, "expires": until // 1000} for home in homes
    ]
    if marks:
        customers.put_many(marks)


def note_anew(customers: Table, home: str, erasure: str, at: int) -> None:
    """Note in the mark that the person wrote again, himself (milliseconds): he may ask for an erasure again.

    From then on the mark stays until that: it refuses nothing after its time, and says that there is something of him.

    Raises
    ------
    Conflict
        If another erasure has begun since.
    """
    mark = customers.get(home, ERASED)
    if mark is None or mark["erasure"] != erasure:
        raise Conflict(home)
    if "anew" not in mark:
        kept = {name: value for name, value in mark.items() if name != "expires"}
        customers.put({**kept, "anew": at}, expect={"erasure": erasure})


def wrote_anew(customers: Table, erasure: Erasure) -> bool:
    """Whether he wrote again since he was erased, under any of his identifiers."""
    marks = customers.get_many([(home, ERASED) for home in erasure.homes])
    return any("anew" in mark and mark["erasure"] == erasure.id for mark in marks)


def _item(erasure: Erasure) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": PK,
        "sk": erasure.id,
        "version": erasure.version,
        "state": erasure.state.value,
        "homes": list(erasure.homes),
        "requested": milliseconds(erasure.requested_at),
        "by": erasure.by,
        "removed": dict(sorted(erasure.removed.items())),
        "kept": dict(sorted(erasure.kept.items())),
        "expires": milliseconds(erasure.requested_at + PROOF_KEPT) // 1000,
    }
    if erasure.done:
        item["done"] = erasure.done
    item |= {
        name: said
        for name, said in (("case", erasure.case), ("request", erasure.request), ("proven", erasure.proven))
        if said
    }
    for name, when in (("erased", erasure.erased_at), ("confirmed", erasure.confirmed_at)):
        if when is not None:
            item[name] = milliseconds(when)
    return item


def _read(item: Mapping[str, Any]) -> Erasure:
    return Erasure(
        id=item["sk"],
        homes=tuple(item["homes"]),
        requested_at=moment(int(item["requested"])),
        by=item["by"],
        case=item.get("case", ""),
        request=item.get("request", ""),
        proven=item.get("proven", ""),
        state=State(item["state"]),
        version=int(item["version"]),
        done=int(item.get("done", 0)),
        removed=Counter({name: int(count) for name, count in item["removed"].items()}),
        kept=Counter({name: int(count) for name, count in item["kept"].items()}),
        erased_at=moment(int(item["erased"])) if "erased" in item else None,
        confirmed_at=moment(int(item["confirmed"])) if "confirmed" in item else None,
    )
