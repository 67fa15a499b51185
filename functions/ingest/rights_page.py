"""The HTML of the page of a person's rights. Every value in it is escaped; no script, nothing personal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from functions.ingest.page import PageStyle, page
from functions.ingest.rights_texts import RIGHTS_TEXTS, Texts
from shared.domain.privacy.self_service import CODE_DIGITS, PAGE
from shared.http.answers import Answer


class RightsPage:
    """One page in one language. ``contact``: where to write to if no mail comes."""

    def __init__(self, style: PageStyle, language: str, *, contact: str = "") -> None:
        self._style = style
        self.language = language
        self._contact = contact
        self.texts: Texts = RIGHTS_TEXTS[language]

    def ask(self, *, problem: bool = False) -> Answer:
        """The form for the address."""
        body = self._said("intro") + (self._notice("no_address") if problem else "")
        field = self._field("address", 'type="email" name="email" autocomplete="email" maxlength="320" required')
        return self._page(body + self._form({}, field, "ask") + self._hint("ask_hint"), 400 if problem else 200)

    def asked(self) -> Answer:
        """The same for every address."""
        return self._page(self._notice("asked") + self._hint("asked_hint"))

    def too_old(self) -> Answer:
        link = f'<p><a href="/{PAGE}?lang={self.language}">{escape(self.texts["again"])}</a></p>'
        return self._page(self._notice("too_old") + link, 400)

    def prove(self) -> Answer:
        """What a link shows: nothing of the person, and a button that sends the code."""
        return self._page(self._said("prove") + self._form({"step": "code"}, "", "send_code"))

    def code(self, sent: str, *, wrong: bool = False) -> Answer:
        field = self._field(
            "code",
            'class="code" name="code" inputmode="numeric" autocomplete="one-time-code" '
            f'maxlength="{2 * CODE_DIGITS}" required',
        )
        notice = self._notice("code_wrong" if wrong else "code_sent")
        again = self._form({"step": "code"}, "", "send_code", second=True) if wrong else ""
        form = self._form({"step": "prove", "sent": sent}, field, "go_on")
        return self._page(notice + form + again, 400 if wrong else 200)

    def used_up(self) -> Answer:
        """No code is sent, and none is compared, before the day is over."""
        return self._page(self._notice("codes_used_up"), 429)

    def choose(self, proof: str, choices: Iterable[str], notice: str = "") -> Answer:
        rows = "".join(
            f'<label class="choice"><input type="radio" name="right" value="{escape(one)}" required>'
            f"<span>{escape(self.texts[one])}</span></label>"
            for one in choices
        )
        fields = f"<fieldset><legend>{escape(self.texts['choose'])}</legend><div>{rows}</div></fieldset>"
        said = self._notice(notice) if notice else ""
        return self._page(said + self._form({"step": "choose", "proof": proof}, fields, "next"))

    def confirm(self, proof: str, right: str, *, has_rest: bool = False) -> Answer:
        """Exactly what will happen, before it does. ``has_rest``: there is something that he did not prove."""
        more = self._said("erase_more") if right == "erase" else ""
        more += self._said("rest") if has_rest and right in {"erase", "export"} else ""
        yes = self._form({"step": "confirm", "proof": proof, "right": right}, "", f"{right}_yes")
        back = self._form({"step": "choices", "proof": proof}, "", "back", second=True)
        title = f"<h2>{escape(self.texts[right])}</h2>"
        return self._page(title + self._said(f"{right}_what") + more + yes + back)

    def done(self, text: str, number: str = "", notice: str = "") -> Answer:
        return self._page(self._notice(text) + (self._notice(notice) if notice else "") + self._number(number))

    def copy(self, proof: str, case: str, link: str) -> Answer:
        """The link, or a button that looks again."""
        if link:
            shown = f'<p><a href="{escape(link)}" rel="noreferrer">{escape(self.texts["download"])}</a></p>'
            return self._page(self._notice("ready") + shown + self._number(case))
        look = self._form({"step": "state", "proof": proof, "case": case}, "", "look")
        return self._page(self._notice("waiting") + look + self._number(case))

    def _page(self, body: str, status: int = 200) -> Answer:
        return page(self._style, self.language, self.texts["title"], body, status=status, switch=True)

    def _said(self, text: str) -> str:
        return f"<p>{escape(self.texts[text])}</p>"

    def _hint(self, text: str) -> str:
        contact = f" {self._contact}" if text == "asked_hint" else ""
        return f'<p class="hint">{escape(self.texts[text] + contact)}</p>'

    def _notice(self, text: str) -> str:
        return f'<div class="notice" role="status"><p>{escape(self.texts[text])}</p></div>'

    def _number(self, case: str) -> str:
        return f'<p class="hint">{escape(self.texts["number"])}: {escape(case)}</p>' if case else ""

    def _field(self, label: str, attributes: str) -> str:
        return f"<p><label>{escape(self.texts[label])}<br><input {attributes}></label></p>"

    def _form(self, hidden: Mapping[str, str], fields: str, button: str, *, second: bool = False) -> str:
        kept = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items())
        look = ' class="second"' if second else ""
        return (
            f'<form method="post" action="?lang={self.language}">{kept}{fields}'
            f'<div class="buttons"><button{look}>{escape(self.texts[button])}</button></div></form>'
        )
