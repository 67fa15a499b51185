"""One message of a tracking SDK into one event."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import datetime
from typing import Any

from shared.domain.events import event_names
from shared.domain.events.context import kept_context
from shared.domain.events.event import Event, EventType, Source
from shared.domain.events.event_identifiers import carried, previous_id
from shared.domain.events.event_time import event_time
from shared.domain.events.json_values import check_values, object_of, text_of
from shared.domain.events.refusals import Refused
from shared.domain.events.request_body import REPLACED
from shared.domain.events.size_limits import MESSAGE_ID_LENGTH, NAME_LENGTH
from shared.domain.identity.identifiers import Identifier, IdentifierType, PhoneReader

_TYPES = {kind.value: kind for kind in EventType}
_NOT_IN_DIGEST = frozenset({"sentAt", "messageId", "writeKey", "receivedAt"})


def read_message(
    message: Any, source: Source, received_at: datetime, *, sent_at: Any = None, phone: PhoneReader | None = None
) -> Event:
    """The event that a message means; ``sent_at`` is that of its batch, used if it has none of its own.

    Raises
    ------
    Refused
        With one sentence that says what is wrong and never repeats what was sent.
    """
    if type(message) is not dict:
        raise Refused("an event must be an object", "not_an_object")
    check_values(message)
    kind = _type(message.get("type"))
    context = object_of(message, "context")
    traits = _traits(kind, message, context)
    name, properties = _meaning(kind, message)
    who = carried(message, context, traits, source, phone)
    alias_of = _alias(message, who.identifiers[0], source, phone) if kind is EventType.ALIAS else None
    own_sent_at = message.get("sentAt")
    timestamp = message.get("timestamp")
    time, timed = event_time(
        message.get("originalTimestamp") if timestamp is None else timestamp,
        sent_at if own_sent_at is None else own_sent_at,
        received_at,
    )
    return Event(
        type=kind,
        name=name,
        message_id=message_id_of(message),
        time=time,
        received_at=received_at,
        source=source.name,
        channel=source.channel,
        trusted=source.trusted,
        identifiers=who.identifiers,
        claimable=who.claimable,
        alias_of=alias_of,
        traits=traits,
        properties=properties,
        context=kept_context(context, trusted=source.trusted),
        timed=timed,
    )


def message_id_of(message: dict[str, Any]) -> str:
    """The client's messageId, else a digest of the message without what changes from one attempt to the next."""
    raw = message.get("messageId")
    text = text_of(raw)
    if text:
        if len(text) > MESSAGE_ID_LENGTH:
            raise Refused(f"messageId is longer than {MESSAGE_ID_LENGTH} characters", "bad_message_id")
        if REPLACED in text:
            raise Refused("messageId holds text that is not valid Unicode", "bad_message_id")
        return text
    if raw is not None and text is None:
        raise Refused("messageId must be text", "bad_message_id")
    body = {name: value for name, value in message.items() if name not in _NOT_IN_DIGEST}
    said = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return "digest-" + hashlib.blake2b(said, digest_size=16).hexdigest()


def _type(raw: Any) -> EventType:
    kind = _TYPES.get(raw) if type(raw) is str else None
    if kind is None:
        raise Refused("the type must be identify, track, page, screen, group or alias", "bad_type")
    return kind


def _traits(kind: EventType, message: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    inner = context.get("traits")
    about_person = inner if type(inner) is dict else {}
    if kind is not EventType.IDENTIFY:
        return about_person
    own = object_of(message, "traits")
    return about_person | own if about_person else own


def _meaning(kind: EventType, message: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    match kind:
        case EventType.TRACK:
            given = _name(message.get("event"))
            return event_names.canonical_name(given), event_names.v2_properties(given, object_of(message, "properties"))
        case EventType.PAGE | EventType.SCREEN:
            properties = object_of(message, "properties")
            own = {field: text for field in ("name", "category") if type(text := message.get(field)) is str and text}
            return event_names.PAGE_VIEWED if kind is EventType.PAGE else event_names.SCREEN_VIEWED, properties | own
        case EventType.GROUP:
            group = text_of(message.get("groupId"))
            if not group:
                raise Refused("a group needs groupId", "bad_group")
            return event_names.GROUP_JOINED, {"groupId": group, "traits": object_of(message, "traits")}
        case EventType.IDENTIFY:
            return event_names.IDENTIFIED, {}
        case EventType.ALIAS:
            return event_names.ALIASED, {}


def _name(raw: Any) -> str:
    name = unicodedata.normalize("NFC", raw).strip() if type(raw) is str else ""
    if not name:
        raise Refused("a track needs the name of its event", "bad_name")
    if len(name) > NAME_LENGTH:
        raise Refused(f"the name of the event is longer than {NAME_LENGTH} characters", "bad_name")
    if not name.isprintable():
        raise Refused("the name of the event holds control characters", "bad_name")
    return name


def _alias(message: dict[str, Any], owner: Identifier, source: Source, phone: PhoneReader | None) -> Identifier:
    before = previous_id(message, source, phone)
    if owner.type is not IdentifierType.USER:
        raise Refused("an alias needs previousId and userId", "bad_alias")
    if before == owner:
        raise Refused("previousId and userId of the alias are the same", "bad_alias")
    return before
