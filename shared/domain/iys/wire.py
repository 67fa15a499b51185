"""IYS's JSON: what is sent, and what comes back. Forms: https://dev.iys.org.tr/api-metotlar/ ; docs/iys.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

from msgspec import Struct

from shared.domain.iys.statement import Change, Known, MessageType, Outcome, RecipientType, Status, Upload

TURKEY = timezone(timedelta(hours=3))
"""Turkey's time since 2016; IYS writes all times so."""
DATE = "%Y-%m-%d %H:%M:%S"
LONGEST = 254
_CODE = re.compile(r"[A-Z]{1,4}[0-9]{1,5}")
UNNAMED = "unnamed"
"""Stands for a refusal without a code."""
UNDATED = datetime(2015, 5, 1, tzinfo=TURKEY)
"""Stands for a time that cannot be read: no consent of IYS is older."""
_LONGEST_DATE = 40


class UnreadableAnswer(ValueError):
    """What came is not in IYS's form. The text holds nothing of it."""


def date_text(moment: datetime) -> str:
    """``2026-11-30 12:00:00``, in Turkey's time."""
    return moment.astimezone(TURKEY).strftime(DATE)


def read_date(text: Any) -> datetime:
    """IYS's form, or another one of ISO 8601; without a zone it is Turkey's time. Whole seconds."""
    try:
        if len(text) > _LONGEST_DATE:
            raise UnreadableAnswer("a time is too long")
        said = datetime.fromisoformat(text.strip())
        zoned = said if said.tzinfo is not None else said.replace(tzinfo=TURKEY)
        return zoned.astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError, AttributeError) as broken:
        raise UnreadableAnswer("a time is not in IYS's form") from broken


def consent_json(one: Upload) -> dict[str, str]:
    return {
        "type": one.type,
        "source": one.source,
        "recipient": one.recipient,
        "status": one.status,
        "consentDate": date_text(one.at),
        "recipientType": one.recipient_type,
    }


def question_json(recipient: str, recipient_type: RecipientType, kind: MessageType) -> dict[str, str]:
    return {"recipient": recipient, "recipientType": recipient_type, "type": kind}


def read_known(said: Any) -> Known:
    """The answer to the question for one recipient."""
    found = _object(said)
    return Known(_status(found), read_date(found.get("consentDate")))


def read_request_id(said: Any) -> str:
    found = _object(said).get("requestId")
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,100}", found):
        raise UnreadableAnswer("the answer to an upload names no request")
    return found


def read_errors(said: Any) -> str:
    """The code of a refusal (422): the first of its errors."""
    errors = said.get("errors") if isinstance(said, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else {}
    return _code(first)


def read_outcomes(said: Any) -> list[Outcome]:
    """What became of the statements of an upload; IYS counts them from 1."""
    if not isinstance(said, list):
        raise UnreadableAnswer("the outcome of an upload is no list")
    return [_outcome(_object(one)) for one in said]


def _outcome(one: Mapping[str, Any]) -> Outcome:
    index = one.get("index")
    if not isinstance(index, int) or isinstance(index, bool) or index < 1:
        raise UnreadableAnswer("the outcome of a statement has no place")
    match one.get("status"):
        case "success":
            return Outcome(index - 1, "accepted")
        case "failure":
            return Outcome(index - 1, "refused", _code(one.get("error")))
        case _:
            return Outcome(index - 1, "pending")


class ChangePage(Struct, frozen=True):
    """One page of IYS's list of changes, the oldest first. Calls (``ARAMA``) are none of ours and are left out.

    ``rows``: how many IYS listed. ``unreadable``: rows that cannot be read whole. ``after``: where the next page is.
    """

    changes: tuple[Change, ...]
    unreadable: tuple[Any, ...]
    after: str
    rows: int


def read_changes(said: Any) -> ChangePage:
    """One page; a row that cannot be read hides no other."""
    found = _object(said)
    listed, after = found.get("list"), found.get("after")
    if listed is not None and not isinstance(listed, list):
        raise UnreadableAnswer("the changes are no list")
    rows = [(one, read_change(one)) for one in listed or () if not is_call(one)]
    return ChangePage(
        tuple(change for _, change in rows if change is not None),
        tuple(row for row, change in rows if change is None),
        after if isinstance(after, str) and len(after) <= 500 and after.isprintable() else "",
        len(listed or ()),
    )


def is_call(row: Any) -> bool:
    """Whether the row is about consent to be called."""
    return isinstance(row, dict) and row.get("type") == "ARAMA"


def read_withdrawal(row: Any) -> Change | None:
    """The refusal in a row that cannot be read whole: whose, and of which kind of message. Its time is UNDATED, its id
    is made of the row.

    None if the row says no refusal, or not whose.
    """
    if not isinstance(row, dict) or is_call(row):
        return None
    recipient, kind, status = row.get("recipient"), row.get("type"), row.get("status")
    if not isinstance(recipient, str) or not 3 <= len(recipient) <= LONGEST:
        return None
    if not isinstance(status, str) or status.strip().upper() != "RET":
        return None
    if kind not in ("EPOSTA", "MESAJ"):  # no set: the value may be a list, which none can hold
        kind = "EPOSTA" if "@" in recipient else "MESAJ"
    said = _word(row.get("source"), 40)
    whole = json.dumps(row, sort_keys=True, default=str).encode()
    id_ = hashlib.blake2b(whole, digest_size=16).hexdigest()
    return Change(recipient, "BIREYSEL", cast("MessageType", kind), "RET", UNDATED, said, id_)


_KEPT = ("type", "recipientType", "status", "source", "consentDate", "creationDate")
_NO_ADDRESS = re.compile(r"(?!.*[0-9]{7})[A-Za-z0-9_.:+ -]{1,40}")
_TRANSACTION = re.compile(r"[0-9a-f]{32,80}")


def kept_row(row: Any) -> dict[str, str]:
    """What is kept of a row that cannot be read, for who looks into it: nothing that could be an address or a name."""
    found = row if isinstance(row, dict) else {}
    texts = {name: text for name, text in found.items() if isinstance(text, str)}
    said = {name: texts[name] for name in _KEPT if name in texts and _NO_ADDRESS.fullmatch(texts[name])}
    transaction = texts.get("transactionId", "")
    return said | ({"transactionId": transaction} if _TRANSACTION.fullmatch(transaction) else {})


def read_change(said: Any) -> Change | None:
    """One change; None if it is about calls, or cannot be read whole."""
    try:
        found = _object(said)
        recipient, kind, recipient_type = (found.get(name) for name in ("recipient", "type", "recipientType"))
        if not isinstance(recipient, str) or not 3 <= len(recipient) <= LONGEST:
            return None
        if kind not in ("EPOSTA", "MESAJ") or recipient_type not in ("BIREYSEL", "TACIR"):
            return None
        return Change(
            recipient,
            cast("RecipientType", recipient_type),
            cast("MessageType", kind),
            _status(found),
            read_date(found.get("consentDate")),
            _word(found.get("source"), 40),
            _word(found.get("transactionId"), 100),
        )
    except UnreadableAnswer:
        return None


def _word(said: Any, most: int) -> str:
    """Without signs that nobody sees; half a character is none that a table takes."""
    return "".join(sign for sign in said[:most] if sign.isprintable()) if isinstance(said, str) else ""


def change_json(one: Change) -> dict[str, str]:
    """The same form again, for a message of our own queue."""
    return {
        **consent_json(Upload(one.recipient, one.recipient_type, one.type, one.status, one.at, one.source)),
        "transactionId": one.id,
    }


def read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as broken:
        raise UnreadableAnswer("the answer is no JSON") from broken


def _object(said: Any) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise UnreadableAnswer("the answer is no object")
    return said


def _status(found: Mapping[str, Any]) -> Status:
    match found.get("status"):
        case "ONAY":
            return "ONAY"
        case "RET":
            return "RET"
        case _:
            raise UnreadableAnswer("the status is neither ONAY nor RET")


def _code(error: Any) -> str:
    found = error.get("code") if isinstance(error, dict) else None
    return found if isinstance(found, str) and _CODE.fullmatch(found) else UNNAMED
