"""The page that a person can read of everything that is known of him: one file, no script, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Literal

Language = Literal["tr", "en"]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Hakkınızda kayıtlı bilgiler", "What is known about you"),
    "made": ("Hazırlandı", "Made"),
    "identifiers": ("Sizi tanıdığımız kimlikler", "How we recognise you"),
    "traits": ("Bilgileriniz", "Your details"),
    "consents": ("İzinleriniz", "Your consents"),
    "orders": ("Siparişleriniz", "Your orders"),
    "segments": ("Bulunduğunuz gruplar", "Groups you are in"),
    "messages": ("Size gönderilen ve gönderilmeyen iletiler", "Messages sent to you, and not sent"),
    "conversations": ("Mağaza ile yazışmalarınız", "What you and the shop wrote to each other"),
    "who": ("Kim", "Who"),
    "in": ("siz", "you"),
    "out": ("mağaza", "the shop"),
    "note": ("mağaza içi not", "a note within the shop"),
    "files": ("Dosyalar", "Files"),
    "gone": ("artık saklanmıyor", "not kept any more"),
    "too_large": ("bu kopyaya sığmadı", "too large for this copy"),
    "events": ("Olan her şey", "Everything that happened"),
    "none": ("Kayıt yok.", "Nothing."),
    "when": ("Zaman", "Time"),
    "what": ("Ne", "What"),
    "where": ("Kanal", "Channel"),
    "details": ("Ayrıntı", "Details"),
    "said": ("Beyan", "Said"),
    "statements": ("beyan", "statements"),
    "purpose": ("Amaç", "Purpose"),
    "source": ("Kaynak", "Source"),
    "text": ("Metin sürümü", "Text version"),
    "granted": ("verildi", "granted"),
    "withdrawn": ("geri alındı", "withdrawn"),
    "taken_back": ("sahte geri alma iptal edildi", "a forged withdrawal was taken back"),
    "since": ("Başlangıç", "Since"),
    "state": ("Durum", "State"),
    "name": ("Ad", "Name"),
    "value": ("Değer", "Value"),
    "email": ("E-posta", "E-mail"),
    "sms": ("SMS", "SMS"),
    "push": ("Bildirim", "Push"),
    "marketing": ("Pazarlama", "Marketing"),
    "count": ("Sayı", "How many"),
    "total": ("Toplam", "Total"),
    "average": ("Ortalama", "Average"),
    "currency": ("Para birimi", "Currency"),
    "first_at": ("İlk sipariş", "First order"),
    "last_at": ("Son sipariş", "Last order"),
    "cycle_days": ("Alışveriş aralığı (gün)", "Days between orders"),
    "provisional": ("Doğrulanmamış", "Not confirmed"),
    "sent": ("gönderildi", "sent"),
    "skipped": ("gönderilmedi", "not sent"),
    "deferred": ("ertelendi", "put off"),
    "failed": ("gönderilemedi", "could not be sent"),
    "unknown": ("gönderilmiş olabilir", "may have been sent"),
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1a1c20;--paper:#fff;--line:#d5d8de;--soft:#5a6170}
@media (prefers-color-scheme:dark){:root{--ink:#eceef2;--paper:#16181c;--line:#3a3f48;--soft:#a7afbd}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
body{margin:0 auto;max-width:60rem;padding:1rem}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{color:var(--soft)}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-bottom:1px solid var(--line)}
td:first-child{white-space:nowrap}td:last-child{overflow-wrap:anywhere;min-width:7rem}
th{color:var(--soft);font-weight:600}div{overflow-x:auto}
@media print{body{max-width:none}tr{break-inside:avoid}}
"""


def person_page(told: Mapping[str, Any], language: Language) -> str:
    """HTML of an export. Every value is escaped: parts of it came from anybody who knows a public key."""
    place = 0 if language == "tr" else 1

    def word(name: str) -> str:
        return _WORDS[name][place] if name in _WORDS else name

    body = "".join(
        _section(word(name), [word(one) for one in head], rows, word("none"))
        for name, head, rows in _sections(told, word, language)
    )
    title, made = escape(word("title")), escape(f"{word('made')}: {_time(told['made_at'])} UTC")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1><p>{made}</p>{body}</body></html>"
    )


def _sections(
    told: Mapping[str, Any], word: Callable[[str], str], language: Language
) -> list[tuple[str, list[str], list[list[Any]]]]:
    """Title, heads and rows of each table; titles and heads by their names in ``_WORDS``."""
    customer = told["customer"]

    def when(line: Mapping[str, Any]) -> Any:
        return _time(line["time"])

    orders = [[word(name), _time(value)] for name, value in customer["orders"].items() if value is not None]
    consents = [
        [
            when(one),
            word(one["channel"]),
            word(one["purpose"]),
            _statement(one, word),
            one["source"],
            one["text_version"],
        ]
        for one in told["consents"]["items"]
    ]
    messages = [
        [when(one), word(one["channel"]), _state(one["message"], word, language), one["message"]["text"]]
        for one in told["items"]
        if one["kind"] == "message"
    ]
    events = [
        [when(one), word(one["channel"]), one["event"], _details(one)]
        for one in told["items"]
        if one["kind"] == "event"
    ]
    return [
        ("identifiers", ["name"], [[name] for name in customer["identifiers"]]),
        ("traits", ["name", "value"], [list(row) for row in customer["traits"].items()]),
        ("consents", ["when", "where", "purpose", "said", "source", "text"], consents),
        ("orders", ["name", "value"], orders),
        ("segments", ["name", "since"], [[name, _time(since)] for name, since in customer["segments"].items()]),
        ("messages", ["when", "where", "state", "details"], messages),
        ("conversations", ["when", "where", "who", "files", "details"], _said(told, word)),
        ("events", ["when", "where", "what", "details"], events),
    ]


def _statement(one: Mapping[str, Any], word: Callable[[str], str]) -> str:
    folded = one.get("folded")
    if folded is None:
        return word(one["said"])
    first, last = folded["first_received_at"][:10], folded["last_received_at"][:10]
    several = f"{folded['count']} {word('statements')}, {first} – {last}"
    return f"{word(one['said'])} ({several})"


def _said(told: Mapping[str, Any], word: Callable[[str], str]) -> list[list[Any]]:
    """What was written, the oldest first, with the names of the files in the copy."""
    messages = [message for one in told.get("conversations", ()) for message in one["messages"]]
    rows = []
    for one in sorted(messages, key=lambda message: message["at"]):
        files = [
            file.get("copied") or f"{file['name']} ({word(file.get('left_out') or file['refused'] or '')})"
            for file in one["attachments"]
        ]
        text = f"{one['subject']}: {one['text']}" if one["subject"] else one["text"]
        rows.append([_time(one["at"]), word(one["channel"]), word(one["direction"]), ", ".join(files), text])
    return rows


def _section(title: str, head: Iterable[str], rows: list[list[Any]], none: str) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>{escape(none)}</p>"
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(_text(cell))}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<h2>{escape(title)}</h2><div tabindex="0" role="region" aria-label="{escape(title)}">{table}</div>'


def _state(message: Mapping[str, Any], word: Callable[[str], str], language: Language) -> str:
    """What became of it and, if it was not sent, the sentence that says why."""
    state, evidence = word(message["state"]), message["evidence"]
    why = evidence["rule"][language] if evidence else message["reason"]
    return f"{state}: {why}" if why else state


def _time(value: Any) -> Any:
    """An instant without its seconds, in UTC; anything else as it is."""
    return value[:16].replace("T", " ") if isinstance(value, str) and _INSTANT.fullmatch(value) else value


def _details(event: Mapping[str, Any]) -> str:
    said = {name: event[name] for name in ("properties", "traits", "context") if event.get(name)}
    return _text(said) if said else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
