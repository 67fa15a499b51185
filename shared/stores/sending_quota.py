"""What SES last said about its quota: ``provider#email`` / ``quota`` in the catalog. Notify asks; others read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.sending_quota import SendingQuota, is_due
from shared.ports import Conflict, Table
from shared.stores.breakers import partition
from shared.stores.controls import ControlStore

CHANNEL = "email"
KEY = (partition(CHANNEL), "quota")
KEPT_SECONDS = 60.0
"""How long who only reads it may keep it."""


class SendingQuotas:
    """``controls`` reads the item beside the switches; None reads it each time."""

    def __init__(self, catalog: Table, controls: ControlStore | None = None) -> None:
        self._table = catalog
        self._controls = controls

    def read(self) -> SendingQuota | None:
        """What SES said last, as old as the switches are at the most; None if it never answered."""
        return read_quota(self._item())

    def turn_to_ask(self, now: datetime) -> bool:
        """Whether the caller is to ask SES: of all workers one, and not before the time has come again. An ask that
        brings no answer counts, so SES is not asked more often while it gives none."""
        if not is_due(_asked(self._item()), now):
            return False
        item = self._table.get(*KEY) or {}
        if not is_due(_asked(item), now):
            self._note(item)
            return False
        return self._put(item, {"asked": milliseconds(now)})

    def store(self, quota: SendingQuota) -> None:
        """Keeps an answer, unless another worker keeps one at this moment."""
        self._put(self._table.get(*KEY) or {}, write_quota(quota))

    def _put(self, item: Mapping[str, Any], changed: Mapping[str, Any]) -> bool:
        version = int(item.get("version", 0))
        wanted = {**item, **changed, "pk": KEY[0], "sk": KEY[1], "version": version + 1}
        try:
            self._table.put(wanted, expect={"version": version or None})
        except Conflict:
            return False
        self._note(wanted)
        return True

    def _item(self) -> Mapping[str, Any]:
        if self._controls is None:
            return self._table.get(*KEY) or {}
        return self._controls.beside(KEY)

    def _note(self, item: Mapping[str, Any]) -> None:
        if self._controls is not None:
            self._controls.note(KEY, item)


def read_quota(item: Mapping[str, Any]) -> SendingQuota | None:
    if "at" not in item:
        return None
    return SendingQuota(
        moment(item["at"]), item["per_day"], item["per_second"], item["sent"], item["production"], item["enabled"]
    )


def write_quota(quota: SendingQuota) -> dict[str, Any]:
    said = {name: getattr(quota, name) for name in ("per_day", "per_second", "sent", "production", "enabled")}
    return {"at": milliseconds(quota.at), "asked": milliseconds(quota.at), **said}


def _asked(item: Mapping[str, Any]) -> datetime | None:
    return moment(item["asked"]) if "asked" in item else None
