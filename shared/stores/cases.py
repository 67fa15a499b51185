"""Cases: what people asked for, in ``catalog``. No item holds a value of the person.

``cases`` / ``<id>``: one case; ids begin with the time of the request. ``case#<digest>`` / ``<id>``: which cases an
identifier has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.privacy.case import Case, CaseState, Entry, Right
from shared.ports import Table

PK = "cases"
OF = "case#"
PAGE = 200


class Cases:
    """The cases in the table ``catalog``."""

    def __init__(self, catalog: Table) -> None:
        self._catalog = catalog

    def put(self, case: Case) -> Case:
        """Writes it on condition of the version that was read (0: there was none); what it is then.

        Raises
        ------
        Conflict
            If somebody else wrote it meanwhile.
        """
        expect = {"pk": None} if case.version == 0 else {"version": case.version}
        item = _item(case)
        if case.version == 0:  # first, so that no case is without it
            self._catalog.put({"pk": OF + case.home, "sk": case.id})
        self._catalog.put(item, expect=expect)
        if "expires" in item:
            self._catalog.put({"pk": OF + case.home, "sk": case.id, "expires": item["expires"]})
        return _read(item)

    def get(self, name: str) -> Case | None:
        """The case of this id, if there is one."""
        item = self._catalog.get(PK, name)
        return None if item is None else _read(item)

    def page(self, *, limit: int, cursor: str | None = None) -> tuple[list[Case], str | None]:
        """The newest first."""
        page = self._catalog.query(PK, limit=limit, newest_first=True, cursor=cursor)
        return [_read(item) for item in page.items], page.cursor

    def all(self) -> Iterator[Case]:
        """Every case, the newest first; one request for 200 of them."""
        cursor = None
        while True:
            found, cursor = self.page(limit=PAGE, cursor=cursor)
            yield from found
            if cursor is None:
                return

    def asked_since(self, at: datetime) -> Iterator[Case]:
        """Every case that was opened at ``at`` or later; one request for 200 of them."""
        cursor = None
        while True:
            page = self._catalog.query(PK, at_least=f"{at:%Y%m%dT%H%M%SZ}", limit=PAGE, cursor=cursor)
            yield from map(_read, page.items)
            cursor = page.cursor
            if cursor is None:
                return

    def of(self, home: str) -> list[Case]:
        """The cases that were opened for this identifier, the newest first."""
        page = self._catalog.query(OF + home, limit=PAGE, newest_first=True)
        return [case for item in page.items if (case := self.get(item["sk"])) is not None]


def _item(case: Case) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": PK,
        "sk": case.id,
        "version": case.version + 1,
        "right": case.right.value,
        "home": case.home,
        "requested": milliseconds(case.requested_at),
        "log": [_entry(entry) for entry in case.log],
    }
    optional = (
        ("number", case.number), ("erasure", case.erasure), ("marked", list(case.marked)), ("part", list(case.part)),
        ("proven", case.proven),
    )  # fmt: skip
    item |= {name: value for name, value in optional if value}
    if case.kept_until is not None:
        item["expires"] = milliseconds(case.kept_until) // 1000
    return item


def _entry(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = {"at": milliseconds(entry.at), "state": entry.state.value, "by": entry.by}
    return {**said, "reason": entry.reason} if entry.reason else said


def _read(item: Mapping[str, Any]) -> Case:
    return Case(
        id=item["sk"],
        right=Right(item["right"]),
        home=item["home"],
        requested_at=moment(int(item["requested"])),
        log=tuple(
            Entry(moment(int(one["at"])), CaseState(one["state"]), one["by"], one.get("reason", ""))
            for one in item["log"]
        ),
        number=item.get("number", ""),
        erasure=item.get("erasure", ""),
        marked=tuple(item.get("marked", ())),
        part=tuple(item.get("part", ())),
        proven=item.get("proven", ""),
        version=int(item["version"]),
    )
