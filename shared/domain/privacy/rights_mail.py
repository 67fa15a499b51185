"""The two mails to who asks for his rights: the link to the page, and the code that proves the mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.self_service import CODE_VALID, JOURNEY, LINK_VALID, Asked
from shared.domain.templates.content import EmailContent

TEXTS: Mapping[str, Mapping[str, str]] = {
    "tr": {
        "link_subject": "Verileriniz hakkındaki başvurunuz",
        "link": "Verilerinizi görmek, silmek ya da kullanımını kısıtlamak için bu bağlantıyı açın. 24 saat geçerlidir.",
        "open": "Sayfayı aç",
        "code_subject": "Doğrulama kodunuz",
        "code": "Kodunuz aşağıdadır. 30 dakika geçerlidir. Kimseyle paylaşmayın.",
        "not_you": "Bunu siz istemediyseniz bir şey yapmanız gerekmez.",
    },
    "en": {
        "link_subject": "Your request about your data",
        "link": "Open this link to see your data, to erase them or to restrict their use. It is good for 24 hours.",
        "open": "Open the page",
        "code_subject": "Your code",
        "code": "This is your code. It is good for 30 minutes. Share it with nobody.",
        "not_you": "If it was not you, there is nothing to do.",
    },
}
STEPS = frozenset(f"{kind}-{language}" for kind in ("link", "code") for language in TEXTS)


def rights_request(kind: str, language: str, asked: Asked) -> SendRequest:
    """The mail as it is handed to notify: a digest and a time. The same one is sent once."""
    at = milliseconds(asked.at)
    valid = LINK_VALID if kind == "link" else CODE_VALID
    return SendRequest(
        home=asked.home, enrollment=str(at), journey=JOURNEY, release=0, step=f"{kind}-{language}",
        template=f"rights-{kind}", purpose="service", channels=("email",), due_ms=at,
        fresh_until_ms=milliseconds(asked.at + valid), clock_ms=at,
    )  # fmt: skip


def rights_mail(step: str, link_or_code: str) -> EmailContent:
    """The mail of a step. Everything in it is our own, and escaped all the same."""
    kind, _, language = step.partition("-")
    texts = TEXTS[language]
    if kind == "link":
        shown = f'<p><a href="{escape(link_or_code)}">{escape(texts["open"])}</a></p>'
    else:
        shown = f'<p style="font-size:24px;letter-spacing:4px"><strong>{escape(link_or_code)}</strong></p>'
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"></head><body>'
        f"<p>{escape(texts[kind])}</p>{shown}<p>{escape(texts['not_you'])}</p></body></html>"
    )
    return EmailContent(texts[f"{kind}_subject"], html, f"{texts[kind]}\n\n{link_or_code}\n\n{texts['not_you']}\n")
