"""Takes public statements of consent of a person who was erased out of partitions that hold others' too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from shared.domain.consent.consent import Consent
from shared.domain.consent.folding import folded_again
from shared.domain.identity.keys import CONSENT, KEPT_CONSENT, VERBATIM
from shared.ports import Conflict, Table
from shared.stores.consent_items import consent_item, is_trusted, read_consent, statement_places
from shared.stores.public_consents import ATTEMPTS, Run, name_of, possible_keys, runs_of


def forget_public(customers: Table, partition: str, said: Iterable[Consent]) -> int:
    """Deletes these public statements from a partition, wherever they are kept in it. Returns how many there were.

    A run that holds them is made anew of the others first, so that a repetition after a crash finds them still.

    Raises
    ------
    Conflict
        If others keep folding into the same run meanwhile.
    """
    doomed = list(said)
    names = {name_of(one) for one in doomed}
    places = sorted({key for one in doomed for key in possible_keys(partition, one)})
    found = [item for item in (customers.get_many(places) if places else []) if name_of(read_consent(item)) in names]
    folded = {item["sk"] for item in found if item["sk"].startswith(VERBATIM)}
    if folded:
        _fold_again(customers, partition, folded)
    named = [(item["pk"], item["sk"]) for item in found if not item["sk"].startswith(KEPT_CONSENT)]
    if named:
        customers.delete_many(named)
    for item in found:
        if item["sk"].startswith(KEPT_CONSENT):
            _free(customers, item)
    return len(found)


def _free(customers: Table, item: Mapping[str, Any]) -> None:
    """Frees the place of a statement. If it is free already, another statement may have taken it: that one stays."""
    try:
        customers.delete(item["pk"], item["sk"], expect={"id": item["id"], "at": item["at"]})
    except Conflict:
        return


def forget_said(customers: Table, partition: str, ids: Collection[str]) -> set[tuple[str, str]]:
    """Deletes the public statements under a partition that these events made, there and under the addresses that they
    name; a refusal stays under its address. Returns where the trusted ones lie, for whoever deletes the events."""
    trusted: set[tuple[str, str]] = set()
    public: dict[str, list[Consent]] = {}
    for item in (*_below(customers, partition, CONSENT), *verbatim(customers, partition)):
        said = read_consent(item)
        if said.run is not None or said.message_id not in ids:
            continue
        for place in statement_places(partition, said):
            if is_trusted(item):
                trusted.add((place, item["sk"]))
            else:
                public.setdefault(place, []).append(said)
    for place, found in public.items():
        forget_public(customers, place, found)
    return trusted


def verbatim(customers: Table, partition: str) -> Iterator[dict[str, Any]]:
    """The folded statements of a partition one by one, as items; in the order of keys."""
    return _below(customers, partition, VERBATIM)


def _below(customers: Table, partition: str, prefix: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = customers.query(partition, prefix=prefix, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _fold_again(customers: Table, partition: str, without: Collection[str]) -> None:
    for _ in range(ATTEMPTS):
        runs = {run.place: run for run in runs_of(customers, partition)}  # before the statements, which only grow
        kept: dict[int, list[Consent]] = {place: [] for place in runs}
        touched: set[int] = set()
        for item in verbatim(customers, partition):
            if item["sk"] in without:
                touched.add(item["place"])
            else:
                kept.setdefault(item["place"], []).append(read_consent(item))
        try:
            for place in sorted(touched & runs.keys()):
                _write(customers, partition, runs[place], kept[place])
        except Conflict:
            continue
        return
    raise Conflict("the consents of a customer keep changing under us")


def _write(customers: Table, partition: str, run: Run, kept: Iterable[Consent]) -> None:
    left = folded_again(run.said, kept)
    if left is None:
        customers.delete(partition, run.sort_key, expect={"version": run.version})
    else:
        item = consent_item(partition, run.sort_key, left) | {"version": run.version + 1}
        customers.put(item, expect={"version": run.version})
