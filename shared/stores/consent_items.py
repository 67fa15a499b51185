"""Statements of consent as items: immutable, one per partition that a reader may come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.domain.consent.consent import Consent, FoldedRun, TakenBack
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.identity.keys import CONSENT, consent_sort_key, milliseconds, moment, taken_back_sort_key
from shared.ports import Conflict, Table


class UnreadableConsent(ValueError):
    """The item is no statement of consent."""


def consent_items(record: ConsentRecord, *, trusted: bool) -> list[dict[str, Any]]:
    """The items of one statement. Writing them again changes nothing: the key is made of what was said."""
    said = record.consent
    sort_key = _sort_key(said, trusted=trusted)
    return [consent_item(partition, sort_key, said) for partition in record.partitions]


def consent_item(partition: str, sort_key: str, said: Consent) -> dict[str, Any]:
    """One item that holds a statement, or a run of them."""
    return {"pk": partition, "sk": sort_key, **_content(said)}


def _sort_key(said: Consent, *, trusted: bool) -> str:
    forged = said.takes_back
    if forged is None:
        return consent_sort_key(said.channel, said.purpose, said.time, said.message_id, trusted=trusted)
    withdrawal = consent_sort_key(said.channel, said.purpose, forged.time, forged.message_id, trusted=False)
    run = "" if forged.run is None else f"#{milliseconds(forged.run[0])}x{forged.run[1]}"
    return taken_back_sort_key(withdrawal + run)


def statement_places(home: str, said: Consent) -> set[str]:
    """The partitions from which a statement goes when its maker is erased: a refusal stays where its address is, so
    that nobody writes to it, and so does the word that it was forged."""
    places = {home, *([said.address_key] if said.address_key else [])}
    return places if said.granted and said.takes_back is None else places - {said.address_key}


def put_first(customers: Table, items: Iterable[Mapping[str, Any]]) -> bool:
    """Stores statements that are not stored yet; durable when it returns. Returns whether one of them was new.

    The first arrival stays: a withdrawal counts from the later of the client's time and ours, so one that is sent again
    must not move to the time of its repetition, past a grant made in between.
    """
    new = False
    for item in items:
        try:
            customers.put(item, expect={"pk": None})
            new = True
        except Conflict:
            continue
    return new


def _content(said: Consent) -> dict[str, Any]:
    content: dict[str, Any] = {
        "channel": said.channel,
        "purpose": said.purpose,
        "granted": said.granted,
        "at": milliseconds(said.time),
        "received": milliseconds(said.received_at),
        "may_grant": said.may_grant,
        "source": said.source,
        "id": said.message_id,
    }
    optional = {"address": said.address_key, "text": said.text_version, "origin": said.origin, "link": said.link}
    if said.merchant:
        optional["merchant"] = "yes"
    if said.run is not None:
        content["run"] = _run_content(said.run)
    if said.takes_back is not None:
        content["takes_back"] = _taken_back_content(said.takes_back)
    return content | {name: value for name, value in optional.items() if value}


def _run_content(run: FoldedRun) -> dict[str, Any]:
    return {
        "first": milliseconds(run.first_received),
        "last": milliseconds(run.last_received),
        "count": run.count,
        "from": milliseconds(run.counts_from),
        "own": run.own,
        "widened": run.widened,
    }


def _read_run(content: Mapping[str, Any]) -> FoldedRun:
    return FoldedRun(
        first_received=moment(content["first"]),
        last_received=moment(content["last"]),
        count=content["count"],
        counts_from=moment(content["from"]),
        own=content.get("own", False),
        widened=content.get("widened", False),
    )


def _taken_back_content(forged: TakenBack) -> dict[str, Any]:
    return {
        "source": forged.source,
        "id": forged.message_id,
        "at": milliseconds(forged.time),
        "by": forged.by,
        "because": forged.because,
        **({} if forged.run is None else {"first": milliseconds(forged.run[0]), "count": forged.run[1]}),
    }


def _read_taken_back(content: Mapping[str, Any]) -> TakenBack:
    run = (moment(content["first"]), int(content["count"])) if "count" in content else None
    return TakenBack(
        content["source"], content["id"], moment(content["at"]), content.get("by", ""), content.get("because", ""), run
    )


def read_consent(item: Mapping[str, Any]) -> Consent:
    """The statement of an item.

    Raises
    ------
    UnreadableConsent
        If the item does not hold what ``consent_items`` writes.
    """
    try:
        return Consent(
            channel=item["channel"],
            purpose=item["purpose"],
            granted=bool(item["granted"]),
            time=moment(item["at"]),
            received_at=moment(item["received"]),
            may_grant=bool(item["may_grant"]),
            source=item["source"],
            message_id=item["id"],
            address_key=item.get("address", ""),
            text_version=item.get("text", ""),
            origin=item.get("origin", ""),
            link=item.get("link", ""),
            merchant="merchant" in item,
            run=_read_run(item["run"]) if "run" in item else None,
            public=item["sk"].endswith("#p"),
            takes_back=_read_taken_back(item["takes_back"]) if "takes_back" in item else None,
        )
    except (KeyError, TypeError, OverflowError) as broken:
        raise UnreadableConsent("an item holds no statement of consent") from broken


def is_trusted(item: Mapping[str, Any]) -> bool:
    """Whether a trusted source made the statement of an item."""
    return bool(item["sk"].endswith("#s"))


def statements(customers: Table, partition: str) -> Iterator[tuple[Consent, bool]]:
    """Every statement kept in a partition, and whether a trusted source made it; consistent, in the order of keys."""
    cursor = None
    while True:
        page = customers.query(partition, prefix=CONSENT, cursor=cursor)
        for item in page.items:
            yield read_consent(item), is_trusted(item)
        cursor = page.cursor
        if cursor is None:
            return
