"""Decisions of operators on links of a person: each names the two identifiers in plain form, in the log of both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from functions.privacy.pages import pages
from shared.domain.events.event import Event
from shared.domain.identity.claims import LINK_VERDICTS
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import EVENT_PREFIX, PARTED, IdentifierKeys
from shared.ports import Table
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent, read_event


class VerdictErasure:
    """Finds the partitions of other people that name an erased identifier because of such a decision."""

    def __init__(self, customers: Table, store: CustomerStore, keys: IdentifierKeys) -> None:
        self._customers = customers
        self._store = store
        self._keys = keys

    def others(self, homes: Collection[str], items: Iterable[Mapping[str, Any]]) -> list[str]:
        """Who else may be named with one of ``homes``, by these items of one of them.

        An operator leaves an event in both logs and a mark on the owner. A trusted source that tells a decision by
        itself leaves the event in the log of the owned identifier alone; segmentation leaves the mark then. Decisions
        from before it did so are known to the claims of the identifiers that the person named himself. What a public
        source calls so decides nothing: else who names strangers would make his erasure read all of their logs.
        """
        parted: set[str] = set()
        claimed: set[str] = set()
        for item in items:
            if item["sk"].startswith(PARTED):
                parted.add(item["sk"].removeprefix(PARTED))
            event = _event(item)
            if event is not None:
                parted |= self._named(event) if event.trusted else set()
                told = (*event.claimable, *([event.alias_of] if event.alias_of is not None else []))
                claimed |= {self._keys(one) for one in told}
        decided = {key for key in claimed - parted - set(homes) if self._decided(key, homes)}
        return sorted((parted - set(homes)) | decided)

    def places(self, log: str, homes: Collection[str]) -> list[tuple[str, str]]:
        """The decisions in this partition that name one of ``homes``, and the marks of them.

        A decision about ``log`` itself and somebody else stays, though a shared address or browser is among ``homes``.
        """
        erased = set(homes) - {log}
        events = [
            (log, item["sk"])
            for items in pages(self._customers, log, prefix=EVENT_PREFIX)
            for item in items
            if (event := _event(item)) is not None and not self._named(event).isdisjoint(erased)
        ]
        marks = [
            (log, item["sk"])
            for items in pages(self._customers, log, prefix=PARTED)
            for item in items
            if item["sk"].removeprefix(PARTED) in homes
        ]
        return events + marks

    def _decided(self, child: str, homes: Collection[str]) -> bool:
        claim = self._store.control(child).claim
        return claim is not None and not claim.verdicts.keys().isdisjoint(homes)

    def _named(self, event: Event) -> set[str]:
        """The keys of the identifiers that a decision names beside the one in whose log it lies."""
        if event.name not in LINK_VERDICTS:
            return set()
        found = set()
        for name in ("owner", "child"):
            try:
                found.add(self._keys(parse_identifier(str(event.properties.get(name, "")))))
            except InvalidIdentifier:
                continue
        return found


def _event(item: Mapping[str, Any]) -> Event | None:
    if not item["sk"].startswith(EVENT_PREFIX):
        return None
    try:
        return read_event(item)
    except UnreadableEvent:
        return None
