"""The HTML of the page of preferences. Every value in it is escaped."""

from __future__ import annotations

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from functions.ingest.page import PageStyle, page
from functions.ingest.page_texts import LANGUAGE_NAMES, TEXTS, Texts, day_text
from functions.ingest.preference_choices import Choices, Row
from shared.domain.consent.preferences import AT_MOST_ONE_IN
from shared.http.answers import Answer


def preference_page(style: PageStyle, language: str, shown: Choices, zone: ZoneInfo, *, saved: str = "") -> Answer:
    """The page as it stands. ``saved``: ``1`` after a change was stored, ``0`` if the form changed nothing."""
    texts = TEXTS[language]
    notice = {"1": "saved", "0": "nothing_changed"}.get(saved, "")
    body = "".join(
        (
            f'<div class="notice" role="status"><p>{escape(texts[notice])}</p></div>' if notice else "",
            f"<p>{escape(texts['intro'])}</p>",
            f'<form method="post" action="?lang={escape(language)}">',
            _channels(texts, shown.rows),
            _often(texts, shown.one_in_days),
            _pause(texts, shown.paused_until, zone, language),
            _language(texts, shown),
            f'<div class="buttons"><button>{escape(texts["save"])}</button>',
            f'<button class="second" name="all" value="off">{escape(texts["none"])}</button></div></form>',
        )
    )
    return page(style, language, texts["title"], body)


def _channels(texts: Texts, rows: tuple[Row, ...]) -> str:
    purposes = {row.purpose for row in rows}
    lines = []
    for row in rows:
        title = texts.get(row.channel, row.channel) + (f" ({row.purpose})" if len(purposes) > 1 else "")
        hint = f'<span class="hint">{escape(texts.get(f"{row.channel}_hint", ""))}</span>'
        if not (row.granted or row.may_grant):
            hint = f'<span class="hint">{escape(texts["elsewhere"])}</span>'
            lines.append(f'<div class="choice off"><span><span>{escape(title)}</span>{hint}</span></div>')
            continue
        name = escape(row.name)
        lines.append(
            f'<input type="hidden" name="was.{name}" value="{int(row.granted)}">'
            f'<label class="choice"><input type="checkbox" name="{name}" value="1"{_checked(row.granted)}>'
            f"<span><span>{escape(title)}</span>{hint}</span></label>"
        )
    hint = f'<p class="hint">{escape(texts["orders_still_come"])}</p>'
    return _group(texts["channels"], "".join(lines) + hint)


def _often(texts: Texts, one_in_days: int) -> str:
    options = [(str(days), texts[f"often_{days}"]) for days in (0, *AT_MOST_ONE_IN)]
    return _group(texts["often"], _radios("often", options, str(one_in_days)))


def _pause(texts: Texts, until: datetime | None, zone: ZoneInfo, language: str) -> str:
    if until is None:
        return _group(texts["pause"], _box("pause", "30", texts["pause_30"]))
    day = until.astimezone(zone)
    said = texts["paused"].format(until=day_text(day.year, day.month, day.day, language))
    return _group(texts["pause"], f"<p>{escape(said)}</p>{_box('pause', '0', texts['resume'])}")


def _language(texts: Texts, shown: Choices) -> str:
    if len(shown.languages) < 2:
        return ""
    options = [(one, LANGUAGE_NAMES.get(one, one)) for one in shown.languages]
    return _group(texts["language"], _radios("language", options, shown.language))


def _group(title: str, content: str) -> str:
    return f"<fieldset><legend>{escape(title)}</legend><div>{content}</div></fieldset>"


def _box(name: str, value: str, title: str) -> str:
    box = f'<input type="checkbox" name="{name}" value="{value}">'
    return f'<label class="choice">{box}<span>{escape(title)}</span></label>'


def _radios(name: str, options: list[tuple[str, str]], chosen: str) -> str:
    rows = (
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"{_checked(value == chosen)}>'
        f"<span>{escape(title)}</span></label>"
        for value, title in options
    )
    return f'<input type="hidden" name="was.{name}" value="{escape(chosen)}">' + "".join(rows)


def _checked(yes: bool) -> str:
    return " checked" if yes else ""
