"""What the local senders delivered: e-mail, SMS and push, joined with the ledger by the provider's message id.

Each entry has ``links``: the tracked addresses that stand in the message, in their order, and where each leads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cli.local.emulator import GRAPH, PUSH
from cli.local.running import LocalStack
from cli.local.server import ask
from cli.preview.pictures import served
from shared.domain.identity.keys import moment
from shared.domain.message_links.message_link import SHORT_LENGTH, destination
from shared.stores.short_links import PREFIX

_TRACKED = re.compile(r"https?://[^\s/\"'<>]+/l/([\w-]+)")
_SHORT = re.compile(rf"https?://[^\s/\"'<>]+/([A-Za-z0-9]{{{SHORT_LENGTH}}})(?![\w/-])")


def delivered(stack: LocalStack) -> list[dict[str, Any]]:
    """The outbox of docs/api.md, oldest first."""
    mails = ask(stack.base, "/_ministack/ses/messages")["messages"]
    texts = ask(stack.base, "/_ministack/sns/sms-messages")["sms_messages"]
    pushes = ask(stack.base, PUSH)["items"]
    answers = ask(stack.base, GRAPH)["items"]
    found = joined(
        [mail for account in mails.values() for mail in account],
        [text for numbers in texts.values() for text in numbers],
        pushes,
        stack.items("TableMessages"),
        answers,
    )
    return [entry | ({"html": served(entry["html"], stack.base)} if "html" in entry else {}) for entry in found]


def joined(
    mails: Iterable[Mapping[str, Any]],
    texts: Iterable[Mapping[str, Any]],
    pushes: Iterable[Mapping[str, Any]],
    ledger: Iterable[Mapping[str, Any]],
    answers: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """One list of what went out; what the ledger does not know is listed too, with its fields empty.

    ``ledger``: all items of the table ``messages``. ``answers``: by the Graph API of Meta.
    """
    items = list(ledger)
    known = {item["provider_id"]: item for item in items if item.get("provider_id")}
    short = {item["pk"].removeprefix(PREFIX): item for item in items if item["pk"].startswith(PREFIX)}
    found = [
        *(
            _entry(
                "email",
                to,
                known.get(mail["MessageId"]),
                mail["Timestamp"],
                subject=mail["Subject"],
                text=mail["BodyText"],
                html=mail["BodyHtml"] or "",
            )
            for mail in mails
            for to in mail["To"]
        ),
        *(_entry("sms", sms["PhoneNumber"], known.get(sms["MessageId"]), None, text=sms["Message"]) for sms in texts),
        *(
            _entry(
                "push",
                push["to"],
                known.get(push["message_id"]),
                push["time"],
                title=push["title"],
                text=push["body"],
                url=push.get("url", ""),
            )
            for push in pushes
        ),
        *(_social(one, known.get(one["message_id"])) for one in answers),
    ]
    for entry in found:
        entry["links"] = _links(entry, short)
    return sorted(found, key=lambda entry: str(entry["sent_at"]))


def _links(entry: Mapping[str, Any], short: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """The tracked addresses of a message. What a token says is read without the secret, so it is not proven here."""
    where = " ".join(str(entry.get(part, "")) for part in ("html", "text", "url"))
    found: dict[str, str] = {}
    for address in _TRACKED.finditer(where):
        leads_to = destination(address[1])
        if leads_to:
            found.setdefault(address[0], leads_to)
    for address in _SHORT.finditer(where):
        if address[1] in short:
            found.setdefault(address[0], str(short[address[1]]["url"]))
    return [{"url": url, "leads_to": leads_to} for url, leads_to in found.items()]


def _social(one: Mapping[str, Any], item: Mapping[str, Any] | None) -> dict[str, Any]:
    """An answer by Meta. Which of its two other channels it is, the ledger knows; the wire is the same."""
    channel = str((item or {}).get("channel") or one["channel"])
    return _entry(channel, one["to"], item, one["time"], text=one["text"])


def _entry(channel: str, to: str, item: Mapping[str, Any] | None, real: float | None, **content: str) -> dict[str, Any]:
    """``real`` is the sender's own time in epoch seconds, for what the ledger does not know."""
    about = item or {}
    sent = moment(about["sent_ms"]) if "sent_ms" in about else datetime.fromtimestamp(real, UTC) if real else None
    return {
        "channel": channel,
        "to": to,
        "message_id": about.get("pk", ""),
        "template": about.get("template", ""),
        "journey": about.get("journey", ""),
        "step": about.get("step", ""),
        "customer": about.get("root", ""),
        "sent_at": f"{sent:%Y-%m-%dT%H:%M:%S}.{sent.microsecond // 1000:03d}Z" if sent else "",
        **content,
    }
