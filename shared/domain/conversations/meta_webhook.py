"""What Meta's webhooks tell: messages on WhatsApp (Cloud API), Instagram and Messenger.

Forms: https://developers.facebook.com/docs/graph-api/webhooks, .../whatsapp/cloud-api/webhooks, .../messenger-platform.
Every delivery is signed with the app's secret. Meta repeats deliveries for hours after an outage, so an old one is
taken; a message is known by its id for ever, so a replayed one changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.conversations.conversation import Channel, digest
from shared.domain.conversations.jobs import REFERENCE_LENGTH, Outcome, Removal
from shared.domain.conversations.mail import file_name
from shared.domain.conversations.message import MOST_ATTACHMENTS, NOT_FETCHED, TEXT_LENGTH, Attachment, Inbound
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.senders.graph import of_code

SIGNATURE = "x-hub-signature-256"
SECRET, VERIFY_TOKEN = "app_secret", "verify_token"
MOST_MESSAGES = 1_000
"""Of one delivery; Meta batches fewer."""
AHEAD = timedelta(minutes=5)
_ACCOUNT = re.compile(r"[0-9]{1,32}")
_ID = re.compile(r"[A-Za-z0-9_.:=+/-]{1,300}")
_NAME_LENGTH = 200
_SOURCE_LENGTH = 2_000
_ANSWER = re.compile(r"[a-z2-7]{26}")
_CHANNELS: dict[str, Channel] = {"instagram": "instagram", "page": "messenger"}


class UnreadableWebhook(ValueError):
    """The body is no delivery of Meta. The text says nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class Readers:
    """``keys`` makes the key of an identifier, ``phone`` reads numbers."""

    keys: Callable[[Identifier], str]
    phone: PhoneReader


def challenge(query: Mapping[str, str], token: str) -> str | None:
    """The answer to Meta's question whether the address is ours; None if it does not know the token."""
    given = query.get("hub.verify_token", "")
    known = bool(token) and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())
    asked = query.get("hub.challenge", "")
    if query.get("hub.mode") != "subscribe" or not known or not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", asked):
        return None
    return asked


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the raw body was signed with the app's secret."""
    if not secret:
        return False
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get(SIGNATURE, "").strip().lower()
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def read_webhook(body: bytes, readers: Readers, now: datetime) -> list[Inbound]:
    """The messages of customers in a delivery. Echoes of our own, receipts, reactions and what names nobody are left
    out.

    Raises
    ------
    UnreadableWebhook
        If it is not JSON in Meta's form, or holds more than ``MOST_MESSAGES``.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise UnreadableWebhook("the body is not JSON") from broken
    entries = content.get("entry") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise UnreadableWebhook("the body holds no entries")
    found: list[Inbound] = []
    for one in _messages(str(content.get("object")), entries, readers, now):
        found.append(one)
        if len(found) > MOST_MESSAGES:
            raise UnreadableWebhook(f"the body holds more than {MOST_MESSAGES} messages")
    return found


def read_failures(body: bytes) -> list[Outcome]:
    """What WhatsApp tells of answers that it took and could not deliver. The id of ours comes back as it was given.

    The body was read before, so it is a delivery.
    """
    content = json.loads(body)
    found: list[Outcome] = []
    for entry in _objects(content.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            for status in _objects(value.get("statuses") if isinstance(value, dict) else None):
                named = _text(status.get("biz_opaque_callback_data"))
                if status.get("status") == "failed" and _ANSWER.fullmatch(named):
                    error = next(iter(_objects(status.get("errors"))), {})
                    code = error.get("code")
                    reason = of_code(code if type(code) is int else 0).reason
                    found.append(Outcome(named, "failed", reason, _text(status.get("id"))[:REFERENCE_LENGTH]))
    return found[:MOST_MESSAGES]


def read_removals(body: bytes, readers: Readers, now: datetime) -> list[Removal]:
    """What customers took back on Instagram and Messenger ("unsend"). The body was read before, so it is a delivery."""
    content = json.loads(body)
    channel = _CHANNELS.get(str(content.get("object")))
    found: list[Removal] = []
    for entry in _objects(content.get("entry")) if channel else ():
        for event in _objects(entry.get("messaging")):
            sender, message = event.get("sender"), event.get("message")
            account = _text(sender.get("id")) if isinstance(sender, dict) else ""
            if not isinstance(message, dict) or message.get("is_deleted") is not True or message.get("is_echo"):
                continue
            mid, stamp = _text(message.get("mid")), event.get("timestamp")
            if channel is None or not _ID.fullmatch(mid) or not _ACCOUNT.fullmatch(account):
                continue
            who = _identifier(IdentifierType.EXTERNAL, f"{channel}/{account}", None)
            if who is not None:
                at = _when(stamp if type(stamp) is int else None, now)
                found.append(Removal(digest("received", channel, mid), readers.keys(who), at))
    return found[:MOST_MESSAGES]


def _messages(kind: str, entries: list[Any], readers: Readers, now: datetime) -> Iterator[Inbound]:
    for entry in _objects(entries):
        if kind == "whatsapp_business_account":
            for change in _objects(entry.get("changes")):
                value = change.get("value")
                for message in _objects(value.get("messages") if isinstance(value, dict) else None):
                    yield from _whatsapp(message, readers, now)
        elif kind in _CHANNELS:
            for event in _objects(entry.get("messaging")):
                yield from _messaging(_CHANNELS[kind], event, readers, now)


def _whatsapp(message: Mapping[str, Any], readers: Readers, now: datetime) -> Iterator[Inbound]:
    id_, account = _text(message.get("id")), _text(message.get("from"))
    if not _ID.fullmatch(id_) or not _ACCOUNT.fullmatch(account) or message.get("type") in ("reaction", "system"):
        return
    who = _identifier(IdentifierType.PHONE, f"+{account}", readers.phone)
    if who is None:
        return
    kind = _text(message.get("type"))
    part = message.get(kind)
    held = part if isinstance(part, dict) else {}
    said = _text(held.get("body"))
    files: tuple[Attachment, ...] = ()
    if kind == "button":
        said = _text(held.get("text"))
    elif kind == "interactive":
        chosen = next((held[name] for name in ("button_reply", "list_reply") if isinstance(held.get(name), dict)), None)
        said = "" if chosen is None else _text(chosen.get("title"))
    elif kind == "location":
        said = " ".join(filter(None, (_text(held.get(name)) for name in ("name", "address", "latitude", "longitude"))))
    elif kind in ("image", "document", "audio", "video", "sticker"):
        said = _text(held.get("caption"))
        name, type_ = _text(held.get("filename")) or kind, _text(held.get("mime_type")) or kind
        files = (_file(name, type_, _text(held.get("id"))),)
    seconds = _text(message.get("timestamp"))
    at = int(seconds) * 1000 if re.fullmatch(r"[0-9]{1,12}", seconds) else None
    yield _inbound("whatsapp", id_, who, said, files, _when(at, now), readers)


def _messaging(channel: Channel, event: Mapping[str, Any], readers: Readers, now: datetime) -> Iterator[Inbound]:
    sender, message, postback = event.get("sender"), event.get("message"), event.get("postback")
    account = _text(sender.get("id")) if isinstance(sender, dict) else ""
    held = message if isinstance(message, dict) else postback if isinstance(postback, dict) else {}
    id_ = _text(held.get("mid"))
    if held.get("is_echo") or held.get("is_deleted") or not _ID.fullmatch(id_) or not _ACCOUNT.fullmatch(account):
        return
    who = _identifier(IdentifierType.EXTERNAL, f"{channel}/{account}", None)
    if who is None:
        return
    said = _text(held.get("text")) or _text(held.get("title"))
    files = tuple(
        _file(_text(one.get("type")) or "file", _text(one.get("type")), _address(one))
        for one in _objects(held.get("attachments"))
    )
    stamp = event.get("timestamp")
    at = stamp if type(stamp) is int else None
    yield _inbound(channel, id_, who, said, files[:MOST_ATTACHMENTS], _when(at, now), readers)


def _inbound(
    channel: Channel,
    id_: str,
    who: Identifier,
    text: str,
    files: tuple[Attachment, ...],
    at: datetime,
    readers: Readers,
) -> Inbound:
    return Inbound(
        channel=channel,
        external_id=id_,
        home=readers.keys(who),
        who=str(who),
        at=at,
        text=text[:TEXT_LENGTH],
        attachments=files,
        verified=True,
        cut=len(text) > TEXT_LENGTH,
    )


def _when(ms: int | None, now: datetime) -> datetime:
    """The channel's time; now for one that is none, or lies ahead."""
    if ms is None or not 0 < ms <= milliseconds(now + AHEAD):
        return now
    return min(moment(ms), now)


def _identifier(kind: IdentifierType, raw: str, phone: PhoneReader | None) -> Identifier | None:
    try:
        return identifier(kind, raw, phone)
    except InvalidIdentifier:
        return None


def _file(name: str, kind: str, source: str) -> Attachment:
    """A file that lies with Meta. ``source``: its id, or its address."""
    known = source if len(source) <= _SOURCE_LENGTH else ""
    return Attachment(
        file_name(name[:_NAME_LENGTH]) or "file", kind[:_NAME_LENGTH], 0, refused=NOT_FETCHED, source=known
    )


def _address(file: Mapping[str, Any]) -> str:
    """Of Instagram and Messenger: files come by an address. A shared post or a place is none."""
    payload = file.get("payload")
    if file.get("type") not in ("image", "video", "audio", "file") or not isinstance(payload, dict):
        return ""
    return _text(payload.get("url"))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _text(value: Any) -> str:
    """Text or a number as text; half a character becomes a question mark, as no table takes it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).encode("utf-8", "replace").decode()
