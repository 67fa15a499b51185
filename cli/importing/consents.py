"""Rows of `kervan import consents`: statements with their proof, from another tool or from IYS (facts: Law)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from typing import Any

from cli.importing.moments import read_moment
from cli.importing.people import COLUMNS, name_people, read_who
from shared.domain.consent.consent import CHANNELS, EVERY_PURPOSE, MARKETING
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.events.json_values import text_of
from shared.domain.events.refusals import Refused

_TURKEY = timezone(timedelta(hours=3))
_NAMES = {
    "identifier": "identifier", "recipient": "identifier", "channel": "channel", "type": "channel",
    "purpose": "purpose", "status": "status", "granted": "status", "consent": "status", "address": "address",
    "time": "time", "timestamp": "time", "consentdate": "consentDate", "source": "source",
    "text_version": "text_version", "messageid": "messageId", "message_id": "messageId",
}  # fmt: skip
_CHANNELS = {"eposta": "email", "mesaj": "sms", "e-posta": "email"}
_STATES = {
    "granted": True, "onay": True, "true": True, "yes": True, "1": True, "evet": True,
    "withdrawn": False, "ret": False, "false": False, "no": False, "0": False, "hayır": False, "hayir": False,
}  # fmt: skip


def consent(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """``Consent Granted`` or ``Consent Withdrawn`` (docs/api.md). IYS writes its times in Turkey's zone."""
    said, who = _read(row)
    channel = _word(said, "channel")
    channel = _CHANNELS.get(channel, channel)
    if channel not in CHANNELS:
        raise Refused(f"channel must be one of {', '.join(CHANNELS)} (or EPOSTA, MESAJ as in IYS)")
    state = _STATES.get(_word(said, "status"))
    if state is None:
        raise Refused("status must be granted or withdrawn (or ONAY, RET as in IYS)")
    properties: dict[str, Any] = {"channel": channel, "purpose": _word(said, "purpose") or MARKETING}
    if properties["purpose"] == EVERY_PURPOSE and state:
        raise Refused("a grant names its purpose, such as marketing; all is for withdrawals")
    for name in ("address", "source", "text_version"):
        if name in said:
            properties[name] = text_of(said[name])
    event = CONSENT_GRANTED if state else CONSENT_WITHDRAWN
    body: dict[str, Any] = {"type": "track", "event": event, "properties": properties}
    if "identifier" in said:
        who |= read_who(text_of(said["identifier"]) or "")
    if not who:
        raise Refused("the row names nobody; give identifier, such as user:42 or email:ayse@example.com")
    name_people(body, who)
    if "consentDate" in said:
        body["timestamp"] = read_moment(said["consentDate"], _TURKEY, "consentDate")
    elif "time" in said:
        body["timestamp"] = read_moment(said["time"], zone, "time")
    if "messageId" in said:
        body["messageId"] = said["messageId"]
    return body


def _read(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    said: dict[str, Any] = {}
    who: dict[str, Any] = {}
    for name, value in row.items():
        plain = name.lower()
        if value is None:
            continue
        if plain in _NAMES:
            said[_NAMES[plain]] = value
        elif plain in COLUMNS:
            who[COLUMNS[plain]] = value
    return said, who


def _word(said: Mapping[str, Any], name: str) -> str:
    """A word of the row in lower case, by the invariant rules (HAYIR becomes hayir); yes and no may be JSON's own."""
    return str(said.get(name, "")).strip().lower()
