"""The report of cases for the authority: as CSV, and as a page in Turkish or English."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Told = Mapping[str, Any]
COLUMNS = ("id", "number", "right", "state", "requested_at", "due_at", "answered_at", "in_time", "reason", "customer")
TEXTS: Mapping[str, Mapping[str, str]] = {
    "tr": {
        "title": "İlgili kişi başvuruları", "period": "Dönem", "all": "Başvuru", "waiting": "Yanıt bekleyen",
        "in_time": "30 gün içinde yanıtlanan", "late": "Geç yanıtlanan", "overdue": "Süresi geçmiş",
        "id": "Başvuru no", "number": "Mağazanın no", "right": "Hak", "state": "Durum", "requested_at": "Başvuru",
        "due_at": "Son gün", "answered_at": "Yanıt", "reason": "Ret nedeni", "customer": "Kişi (anahtarlı özet)",
        "erase": "silme", "export": "bilgi ve kopya", "restrict": "işlemenin kısıtlanması", "object": "itiraz",
        "open": "açık", "running": "yürütülüyor", "done": "yerine getirildi", "refused": "reddedildi",
        "lifted": "kaldırıldı", "identity_not_proven": "kimlik doğrulanamadı", "no_data": "veri yok",
        "kept_by_law": "yasa gereği saklanıyor", "repeated": "yinelenen başvuru", "withdrawn": "geri çekildi",
        "unfounded": "dayanaksız", "yes": "evet", "no": "hayır",
        "note": "Bu rapor kişisel veri içermez: kişiler anahtarlı özetle anılır.",
    },
    "en": {
        "title": "Requests of data subjects", "period": "Period", "all": "Requests", "waiting": "Without an answer",
        "in_time": "Answered within 30 days", "late": "Answered late", "overdue": "Overdue",
        "id": "Case", "number": "Shop's number", "right": "Right", "state": "State", "requested_at": "Requested",
        "due_at": "Due", "answered_at": "Answered", "reason": "Refused because", "customer": "Person (keyed digest)",
        "erase": "erasure", "export": "information and copy", "restrict": "restriction", "object": "objection",
        "open": "open", "running": "being carried out", "done": "carried out", "refused": "refused",
        "lifted": "lifted", "identity_not_proven": "identity not proven", "no_data": "no data",
        "kept_by_law": "kept by law", "repeated": "repeated", "withdrawn": "withdrawn", "unfounded": "unfounded",
        "yes": "yes", "no": "no",
        "note": "This report holds no personal data: people are named by a keyed digest.",
    },
}  # fmt: skip
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1d2433;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:6px 10px;border-bottom:1px solid #d5d9e2}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px}dd{margin:0}.frame{overflow-x:auto}"
)


def summary_of(items: Sequence[Told]) -> dict[str, Any]:
    """Counts by right and by what became of them."""
    return {
        "all": len(items),
        "by_right": dict(sorted(Counter(one["right"] for one in items).items())),
        "waiting": sum(one["answered_at"] is None for one in items),
        "in_time": sum(one["in_time"] is True for one in items),
        "late": sum(one["in_time"] is False for one in items),
        "overdue": sum(one["overdue"] for one in items),
    }


def csv_of(told: Told) -> str:
    """One line for each case (RFC 4180)."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    lines.writerows([_cell(one, name) for name in COLUMNS] for one in told["items"])
    return written.getvalue()


def html_of(told: Told, language: str) -> str:
    """A page to print: it loads nothing and runs nothing."""
    texts = TEXTS[language]
    period = f"{told['from'] or '…'} – {told['to'] or '…'}"
    facts = [(texts["period"], period)]
    facts += [(texts[name], str(told[name])) for name in ("all", "waiting", "in_time", "late", "overdue")]
    facts += [(texts[right], str(count)) for right, count in told["by_right"].items()]
    list_ = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    head = "".join(f'<th scope="col">{escape(texts[name])}</th>' for name in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_said(one, name, texts))}</td>" for name in COLUMNS) + "</tr>"
        for one in told["items"]
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(texts["title"])}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(texts['title'])}</h1><p>{escape(texts['note'])}</p><dl>{list_}</dl>"
        f'<div class="frame"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></body></html>'
    )


def _cell(one: Told, name: str) -> str:
    if name == "reason":
        return next((entry["reason"] for entry in reversed(one["log"]) if entry["reason"]), "")
    value = one[name]
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text  # no formula in a spreadsheet


def _said(one: Told, name: str, texts: Mapping[str, str]) -> str:
    cell = _cell(one, name)
    if name.endswith("_at"):
        return cell[:10]
    if name == "in_time":
        return {"true": texts["yes"], "false": texts["no"]}.get(cell, "")
    return texts.get(cell, cell) if name in {"right", "state", "reason"} else cell
