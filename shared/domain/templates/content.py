"""A template and a view become what is sent: subject and HTML, a short text, or a title and a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.definition import Template
from shared.domain.templates.display_values import clean
from shared.domain.templates.finish_text import finish_text
from shared.domain.templates.view import View

TITLE_LENGTH = 50
"""Characters of a push title."""

SUBJECT_LENGTH = 200
BODY_LENGTH = 240
SMS_PARTS = 3
TEST_MARK = "[Test]"
COLLAPSE_LENGTH = 64
"""Bytes that APNs takes."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,40}")
_NO_APPS = frozenset({"javascript", "data", "vbscript", "file", "http"})

Render = Callable[[str, Mapping[str, Any], bool], str]
"""Renders a Liquid text with a view; True escapes values for HTML. Raises ``Unrenderable``."""


class Unrenderable(Exception):
    """The template cannot be rendered for this customer: a name it does not know, a limit passed, an empty result."""


class ContentFile(Struct, frozen=True):
    """A file of an answer. ``url``: where a provider may fetch it for some minutes, if it takes addresses only."""

    name: str
    type: str
    content: bytes
    url: str = ""


class EmailContent(Struct, frozen=True):
    subject: str
    html: str
    text: str
    files: tuple[ContentFile, ...] = ()


class SmsContent(Struct, frozen=True):
    """``template``: the name, the language and the values of an approved template of WhatsApp with these words."""

    text: str
    template: tuple[str, ...] = ()
    files: tuple[ContentFile, ...] = ()


class PushContent(Struct, frozen=True):
    title: str
    body: str
    url: str
    image: str = ""
    link: str = ""
    """Where a tap leads inside the app; empty: to ``url``."""
    badge: int | None = None
    collapse: str = ""
    """A newer message with the same key takes this one's place."""
    seconds_to_live: int = 0
    """How long the device's service keeps it; 0: as the service does."""


Content = EmailContent | SmsContent | PushContent


def compose(template: Template, channel: str, language: str, view: View, render: Render) -> Content:
    """Render one channel of a template.

    Raises
    ------
    Unrenderable
        Nothing may be sent: better no message than one with a hole or an error in it.
    """
    url = clean(render(template.action.url, view, False), 2000)
    if not url.startswith(("https://", "http://")):
        raise Unrenderable("the action leads nowhere")
    action = {**view["action"], "url": url, "text": clean(render(view["action"]["text"] or "", view, False))}
    view = {**view, "action": action}
    match channel:
        case "email":
            return _email(template, language, view, render)
        case "sms":
            return _sms(template, language, view, render)
        case "push":
            return _push(template, language, view, render)
        case _:
            raise Unrenderable("there is no such channel")


def marked_as_test(content: Content) -> Content:
    """The content with ``[Test]`` before what is read first, so that nobody takes it for a real message."""
    match content:
        case EmailContent(subject, html, text):
            return EmailContent(clean(f"{TEST_MARK} {subject}", SUBJECT_LENGTH), html, text)
        case SmsContent(text):
            return SmsContent(f"{TEST_MARK} {text}")
        case PushContent():
            return replace(content, title=clean(f"{TEST_MARK} {content.title}", TITLE_LENGTH))


def title_of(content: Content) -> str:
    """What a timeline shows of it: the subject, the title, or the beginning of the text."""
    match content:
        case EmailContent():
            return content.subject
        case SmsContent():
            return clean(content.text, 80)
        case PushContent():
            return content.title


def _email(template: Template, language: str, view: View, render: Render) -> EmailContent:
    subject = clean(render(template.subject[language], view, False), SUBJECT_LENGTH)
    view = {**view, "subject": subject}
    html = render(template.html[language], view, True)
    if not subject or not html.strip():
        raise Unrenderable("an e-mail needs a subject and a body")
    return EmailContent(subject, html, _plain_text(template, language, view, html, render))


def _plain_text(template: Template, language: str, view: View, html: str, render: Render) -> str:
    """The template's own text, else the one made from the HTML template, else one made from this message's HTML."""
    own, made = template.text.get(language), template.text_made.get(language)
    if own:
        return render(own, view, False).strip() + "\n"
    if made:
        return finish_text(render(made, view, True))
    from shared.domain.templates.text_alternative import text_alternative  # its parser is rarely needed

    return text_alternative(html)


def _sms(template: Template, language: str, view: View, render: Render) -> SmsContent:
    text = clean(render(template.sms[language], view, False), 1000)
    if not text or sms_length(text).parts > SMS_PARTS:
        raise Unrenderable("a text message has one to three parts")
    return SmsContent(text)


def _push(template: Template, language: str, view: View, render: Render) -> PushContent:
    source = template.push[language]
    title = clean(render(source.title, view, False), TITLE_LENGTH)
    body = clean(render(source.body, view, False), BODY_LENGTH)
    if not title or not body:
        raise Unrenderable("a push message needs a title and a body")
    image = clean(render(source.image, view, False), 2000)
    link = clean(render(source.link, view, False), 2000)
    if link and not is_app_link(link):
        raise Unrenderable("the link opens no app")
    return PushContent(
        title,
        body,
        view["action"]["url"],
        image if image.startswith("https://") else "",
        link,
        source.badge,
        clean(render(source.collapse, view, False), COLLAPSE_LENGTH),
        int(source.time_to_live.total_seconds()),
    )


def is_app_link(link: str) -> bool:
    """Whether it opens a place in an app: ``shop://cart``, or an https address that the app takes; no script."""
    scheme = link.partition("://")[0].lower()
    return _SCHEME.fullmatch(scheme) is not None and "://" in link and scheme not in _NO_APPS
