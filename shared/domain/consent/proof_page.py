"""The proof of a person's consents as one page to print: what holds, every statement with its text, and what Turkey's
register of consent was told. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

Language = Literal["tr", "en"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Onay kanıtı", "Proof of consent"),
    "made": ("Hazırlandı", "Made"),
    "now": ("Geçerli durum", "What holds now"),
    "statements": ("Tüm beyanlar", "Every statement"),
    "texts": ("Onay verilen metinler", "Texts that were agreed to"),
    "register": ("İleti Yönetim Sistemi'ne bildirilenler", "What the register of consent (IYS) was told"),
    "none": ("Kayıt yok.", "Nothing."),
    "channel": ("Kanal", "Channel"),
    "purpose": ("Amaç", "Purpose"),
    "address": ("Adres", "Address"),
    "everywhere": ("her adres", "every address"),
    "state": ("Durum", "State"),
    "yes": ("onay var", "agreed"),
    "no": ("onay yok", "not agreed"),
    "given_up": ("adres kullanılmıyor", "address given up"),
    "since": ("Dayanak", "Because of"),
    "said": ("Beyan", "Said"),
    "granted": ("onay verdi", "agreed"),
    "withdrawn": ("geri aldı", "withdrew"),
    "taken_back": ("geri almanın sahte olduğu belirlendi", "a withdrawal was found to be forged"),
    "time": ("Zaman", "Time"),
    "received": ("Ulaştı", "Received"),
    "source": ("Kaynak", "Source"),
    "text": ("Metin", "Text"),
    "proof": ("Kayıt no.", "Record"),
    "folded": ("{count} beyan, {first} ile {last} arasında", "{count} statements, received from {first} to {last}"),
    "widened": ("başka amaç veya adresler için de", "also for other purposes or addresses"),
    "not_counted": ("sayılmaz: bu kaynağın yetkisi yok", "does not count: the source may not grant it"),
    "recipient": ("Alıcı", "Recipient"),
    "holds": ("İYS'de", "IYS holds"),
    "told": ("Bildirim", "Told"),
    "unknown": ("kayıt yok", "unknown"),
    "due": ("bildirilecek", "due"),
    "pending": ("yolda", "on its way"),
    "accepted": ("kabul edildi", "accepted"),
    "refused": ("reddedildi", "refused"),
    "email": ("E-posta", "E-mail"),
    "sms": ("SMS", "SMS"),
    "push": ("Bildirim", "Push"),
    "marketing": ("Pazarlama", "Marketing"),
    "ads": ("Başka sitelerde reklam", "Advertising elsewhere"),
    "all": ("Her amaç", "Every purpose"),
    "language": ("Dil", "Language"),
    "wording": ("Metin", "Wording"),
}
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1a1c20;background:#fff;margin:0 auto;max-width:62rem;padding:1rem}
h1{font-size:1.5rem;line-height:1.2}h2{font-size:1.1rem;margin:1.75rem 0 .5rem}
p{color:#4d5462}table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem .35rem 0;border-bottom:1px solid #d5d8de}
td{overflow-wrap:anywhere}th{color:#4d5462;font-weight:600}div{overflow-x:auto}
@page{size:A4;margin:15mm}
@media print{body{max-width:none;padding:0;font-size:11px}tr{break-inside:avoid}h2{break-after:avoid}}
"""


def proof_page(found: Mapping[str, Any], language: Language, *, made_at: datetime, zone: str, shop: str) -> str:
    """The page. ``found`` is the answer of ``GET /v1/customers/{id}/consents`` with all statements in ``items``.

    Times are those of the shop's ``zone``, to the second.
    """
    view = _View(language, ZoneInfo(zone))
    parts = (
        view.part("now", ("channel", "purpose", "address", "state", "since"), map(view.holding, found["now"])),
        view.part(
            "statements",
            ("time", "received", "said", "channel", "purpose", "address", "source", "text", "proof"),
            map(view.statement, found["items"]),
        ),
        view.part("texts", ("text", "language", "wording"), _wordings(found["texts"])),
        view.part(
            "register", ("channel", "address", "recipient", "holds", "told", "time", "state"), view.told(found["iys"])
        ),
    )
    made = f"{view.word('made')}: {view.moment(made_at)}"
    head = f"<h1>{view.word('title')}</h1><p>{' · '.join(filter(None, (escape(shop), made)))}</p>"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{view.word('title')}</title><style>{_STYLE}</style></head><body>{head}{''.join(parts)}</body></html>"
    )


def _wordings(texts: Mapping[str, Mapping[str, str]]) -> Iterable[Sequence[str]]:
    return ((version, language, text) for version, said in texts.items() for language, text in said.items())


class _View:
    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self._place = 0 if language == "tr" else 1
        self._zone = zone

    def word(self, name: str) -> str:
        """Our word for a name, escaped; a name of the shop's own as it is."""
        return escape(_WORDS[name][self._place] if name in _WORDS else name)

    def moment(self, when: datetime) -> str:
        return f"{when.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def when(self, text: str | None) -> str:
        return self.moment(datetime.fromisoformat(text)) if text else ""

    def part(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """A table; what is a word of ours is translated, everything is escaped."""
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        if not body:
            return f"<h2>{self.word(title)}</h2><p>{self.word('none')}</p>"
        heads = "".join(f'<th scope="col">{self.word(one)}</th>' for one in columns)
        return f"<h2>{self.word(title)}</h2><div><table><tr>{heads}</tr>{body}</table></div>"

    def plain(self, name: str | None) -> str:
        return "" if name is None else _WORDS[name][self._place] if name in _WORDS else name

    def holding(self, one: Mapping[str, Any]) -> Sequence[str]:
        state = "given_up" if one["suppressed"] else "yes" if one["granted"] else "no"
        proof = one["proof"]
        because = "" if proof is None else f"{self.when(proof['time'])} · {proof['messageId']}"
        return (
            self.plain(one["channel"]),
            self.plain(one["purpose"]),
            one["address"] or "",
            self.plain(state),
            because,
        )

    def statement(self, one: Mapping[str, Any]) -> Sequence[str]:
        said = self.plain(one["said"]) + ("" if one["permitted"] else f" ({self.plain('not_counted')})")
        if one["takes_back"]:
            forged = one["takes_back"]
            said += f": {forged['source']} · {forged['messageId']} · {forged['by']}: {forged['because']}"
        said += self.folded(one.get("folded"))
        source = one["source"] + (f" ({one['origin']})" if one["origin"] else "")
        return (
            self.when(one["time"]), self.when(one["received_at"]), said, self.plain(one["channel"]),
            self.plain(one["purpose"]), one["address"] or self.plain("everywhere"), source, one["text_version"] or "",
            one["messageId"],
        )  # fmt: skip

    def folded(self, run: Mapping[str, Any] | None) -> str:
        if run is None:
            return ""
        first, last = self.when(run["first_received_at"]), self.when(run["last_received_at"])
        several = self.plain("folded").format(count=run["count"], first=first, last=last)
        return f" ({several}{', ' + self.plain('widened') if run['widened'] else ''})"

    def told(self, records: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[str]]:
        for record in records:
            about = (
                self.plain(record["channel"]), record["address"] or "", record["recipient_type"],
                record["status"] or self.plain("unknown"),
            )  # fmt: skip
            for said in record["statements"]:
                code = f" ({said['code']})" if said["code"] else ""
                yield (*about, said["status"], self.when(said["at"]), self.plain(said["state"]) + code)
            if not record["statements"]:
                yield (*about, "", "", "")
