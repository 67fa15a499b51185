"""The monthly digest as a mail to the shop's team; the report's page is attached to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from shared.domain.measure.value_text import Language, value_text

Row = Mapping[str, Any]
_SAID = {
    "subject": ("{shop}: {month} ayında ne değişti", "{shop}: what changed in {month}"),
    "period": (
        "{first} – {last}, önceki {days} günle karşılaştırıldı. Rastlantıyla açıklanamayan değişiklikler:",
        "{first} to {last}, compared with the {days} days before. What changed beyond chance:",
    ),
    "was": ("{was} iken {now}", "from {was} to {now}"),
    "interval": ("fark {low} ile {high} arasında", "a difference of {low} to {high}"),
    "try": ("Denenecek: {next}", "To try: {next}"),
    "compared": (
        "{compared} ölçü karşılaştırıldı, {left_out} ölçü için veri azdı.",
        "{compared} figures were compared; for {left_out} there was too little data.",
    ),
    "attached": (
        "Ekteki sayfa raporun tamamıdır. Bu ileti, shop.yaml içindeki digest_to adreslerine ayda bir gider.",
        "The page attached is the whole report. This goes once a month to the addresses digest_to of shop.yaml.",
    ),
}


def changes_of(report: Mapping[str, Any]) -> Sequence[Row]:
    """What the digest tells; nothing where nothing changed."""
    rows: Sequence[Row] = _rows(report, "changes")
    return rows


def digest_subject(shop: str, month: str, language: Language) -> str:
    return _say("subject", language, shop=shop, month=month)


def digest_html(report: Mapping[str, Any], language: Language) -> str:
    """A section per area that changed. Styles stand in the elements, because mail programs drop style sheets."""
    parts = [
        f'<h2 style="font-size:18px;margin:24px 0 8px">{escape(area)}</h2>'
        + "".join(
            f'<p style="margin:0 0 12px"><b>{escape(what)}</b><br>{escape(change)}<br>{escape(advice)}</p>'
            for what, change, advice in lines
        )
        for area, lines in _sections(report, language)
    ]
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(report["title"][language])}</title></head>'
        '<body style="font:16px/1.5 sans-serif;max-width:600px;margin:0 auto;padding:16px">'
        f'<h1 style="font-size:22px;margin:0 0 8px">{escape(report["title"][language])}</h1>'
        f"<p>{escape(_period(report, language))}</p>{''.join(parts)}"
        f'<p style="font-size:14px">{escape(_compared(report, language))}<br>{escape(_say("attached", language))}</p>'
        "</body></html>\n"
    )


def digest_text(report: Mapping[str, Any], language: Language) -> str:
    """The same for who reads mail as plain text."""
    parts = [report["title"][language], _period(report, language), ""]
    for area, lines in _sections(report, language):
        parts.append(area.upper() if language == "en" else area)
        parts += [f"- {what}: {change}. {advice}" for what, change, advice in lines]
        parts.append("")
    return "\n".join([*parts, _compared(report, language), _say("attached", language), ""])


def _sections(report: Mapping[str, Any], language: Language) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Areas in the order in which the report has them first."""
    rows = changes_of(report)
    order = {area: place for place, area in reversed(list(enumerate(row["area"] for row in rows)))}
    sorted_rows = sorted(rows, key=lambda row: order[row["area"]])
    return [
        (value_text(area, "text", language), [_line(row, language) for row in group])
        for area, group in groupby(sorted_rows, key=itemgetter("area"))
    ]


def _line(row: Row, language: Language) -> tuple[str, str, str]:
    shown = {name: value_text(row[name], "share", language) for name in ("was", "now")}
    ends = {name: value_text(row[name], "points", language) for name in ("low", "high")}
    subject, figure = (value_text(row[name], "text", language) for name in ("subject", "figure"))
    change = f"{_say('was', language, **shown)}; {_say('interval', language, **ends)}"
    return f"{subject}, {figure}", change, _say("try", language, next=value_text(row["next"], "advice", language))


def _period(report: Mapping[str, Any], language: Language) -> str:
    return _say("period", language, first=report["from"], last=report["to"], days=report["days"])


def _compared(report: Mapping[str, Any], language: Language) -> str:
    rows = _rows(report, "about")
    return _say("compared", language, **{name: rows[0][name] if rows else 0 for name in ("compared", "left_out")})


def _rows(report: Mapping[str, Any], name: str) -> Any:
    return next(table for table in report["tables"] if table["name"] == name)["rows"]


def _say(what: str, language: Language, **values: Any) -> str:
    return _SAID[what][0 if language == "tr" else 1].format(**values)
