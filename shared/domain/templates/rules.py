"""What a template must keep to before it is published (docs/messages.md#checks)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from shared.domain.definitions.shop import Shop
from shared.domain.messages.request import CHANNELS
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import TITLE_LENGTH, EmailContent, Render, Unrenderable, compose
from shared.domain.templates.definition import Template
from shared.domain.templates.html_rules import html_findings
from shared.domain.templates.sample import PICTURES, sample_view
from shared.domain.templates.trigger_event import needs_trigger_event
from shared.domain.templates.view import View

POINT_LENGTH = 40
_GREETING = re.compile(r"\s*(merhaba|selam|say[ıi]n|sevgili|de[ğg]erli|hello|hi|dear|hey)\b", re.IGNORECASE)
_LINK = re.compile(r"https?://|www\.|[._]url\b", re.IGNORECASE)
_PERSONAL = re.compile(r"\{[{%][^}]*\b(customer|cart|order|product|offer)\.")
_NEEDS_TRIGGER_EVENT = re.compile(r"\b(?:order|product|recommended)\.[a-z_]+|\boffer\.ends_(?:at|time)\b")
_PROMOTES = re.compile(r"\b(offer|recommended)\.")
_LEGAL = (
    ("shop.name", "the trade name"),
    ("shop.mersis", "the MERSIS number"),
    ("shop.contact", "a contact"),
    ("unsubscribe.url", "a way to refuse"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """``path``: the file of the template and, if it helps, the place in it. ``remedy`` says what to do. A ``warning``
    does not keep it from being published."""

    path: str
    message: str
    remedy: str
    warning: bool = False


NamesOf = Callable[[str], Iterable[str]]
"""The dotted names that a Liquid text takes from the view."""


def problems(template: Template, shop: Shop, render: Render, names_of: NamesOf) -> list[Problem]:
    """Everything that speaks against publishing, in the order of the files; empty if nothing does."""
    return [
        *_languages(template, shop),
        *_names(template, shop, names_of),
        *_rendered(template, shop, render),
        *_email(template),
        *_html(template, shop, render),
        *_sms(template, shop, render),
        *_push(template, shop, render),
        *_transactional(template),
        *_needs(template),
    ]


def _languages(template: Template, shop: Shop) -> Iterator[Problem]:
    served = {language for channel in CHANNELS for language in template.languages(channel)}
    if not served:
        yield Problem("template.yaml", "there is no text for any channel", "add subject.tr.txt and email.tr.mjml")
    for language in sorted(served - set(template.action.text)):
        yield Problem("template.yaml", f"action.text has no {language}", f"add what the button says in {language}")
    for channel in CHANNELS:
        languages = template.languages(channel)
        for language in shop.languages:
            if languages and language not in languages:
                yield Problem(
                    f"{_FILES[channel]}".format(language),
                    f"{channel} is not served in {language}, a language of the shop",
                    f"add {_FILES[channel].format(language)}",
                )
    for language in sorted(set(template.html) ^ set(template.subject)):
        absent = "subject.{}.txt" if language in template.html else "email.{}.mjml"
        yield Problem(absent.format(language), "an e-mail needs a subject and a body", "add this file")


def _rendered(template: Template, shop: Shop, render: Render) -> Iterator[Problem]:
    """With one product and with many, with a name and without: nothing may be left open."""
    for channel in CHANNELS:
        for language in template.languages(channel):
            for products, name in ((1, ""), (7, "Ayşegül Nur")):
                view = sample_view(template, shop, language, products=products, first_name=name)
                try:
                    compose(template, channel, language, view, render)
                except Unrenderable as broken:
                    path = _FILES[channel].format(language)
                    yield Problem(path, f"it cannot be rendered: {broken}", "use the names listed in docs/messages.md")
                    break


def _names(template: Template, shop: Shop, names_of: NamesOf) -> Iterator[Problem]:
    """Every name that a text uses must exist, also in branches that no made-up customer takes."""
    told: set[tuple[str, str]] = set()
    known_in: dict[str, set[str]] = {}
    for path, source in _sources(template):
        language = next((part for part in path.split(":")[0].split(".") if len(part) == 2), shop.languages[0])
        if language not in known_in:
            known_in[language] = set(known_names(sample_view(template, shop, language)))
        known = known_in[language]
        for name in sorted(set(names_of(source)) - known):
            if (path, name) not in told:
                told.add((path, name))
                near = get_close_matches(name, known, 1, 0.6)
                remedy = f"did you mean {near[0]}?" if near else "use the names listed in docs/messages.md"
                yield Problem(path, f"{name} is no name that templates know", remedy)


def known_names(view: View, before: str = "") -> Iterator[str]:
    """The dotted names of a view, and of every part of it; ``subject`` is known in the body of an e-mail."""
    if not before:
        yield "subject"
    for name, value in view.items():
        yield before + name
        if isinstance(value, Mapping):
            yield from known_names(value, f"{before}{name}.")


def _html(template: Template, shop: Shop, render: Render) -> Iterator[Problem]:
    """As the reader gets it: with pictures, for a customer with many products."""
    for language in template.languages("email"):
        view = sample_view(template, shop, language, products=7, first_name="Ayşegül Nur", image=PICTURES)
        try:
            content = compose(template, "email", language, view, render)
        except Unrenderable:
            continue
        if isinstance(content, EmailContent):
            for found in html_findings(content.html):
                yield Problem(f"email.{language}.mjml", found.message, found.remedy, found.warning)


def _email(template: Template) -> Iterator[Problem]:
    for language, html in sorted(template.html.items()):
        path = f"email.{language}.mjml"
        buttons = html.count("{{ action.url }}")
        if buttons != 1:
            yield Problem(
                path, f"it has {buttons} calls to action", 'keep exactly one <mj-button href="{{ action.url }}">'
            )
        if not _PERSONAL.search(html + template.subject.get(language, "")):
            yield Problem(path, "it says nothing personal", "use customer.first_name, or what is in the cart")
        if template.purpose != "marketing":
            continue
        for name, what in _LEGAL:
            if not re.search(r"\{\{-?\s*" + re.escape(name), html):
                yield Problem(path, f"a commercial e-mail needs {what}", f"add {{{{ {name} }}}} to the footer")


def _sms(template: Template, shop: Shop, render: Render) -> Iterator[Problem]:
    for language, source in sorted(template.sms.items()):
        path = f"sms.{language}.txt"
        if _GREETING.match(source):
            yield Problem(path, "it begins with a greeting", f"say the point in the first {POINT_LENGTH} characters")
        if shop.region == "TR" and _LINK.search(source):
            yield Problem(path, "links in text messages to Turkey may be blocked", "write it without a link")
        text = _sample(template, "sms", language, shop, render)
        length = sms_length(text)
        if length.parts > 1:
            forced = f" because of {length.forces_ucs2}" if length.forces_ucs2 else ""
            yield Problem(
                path,
                f"it takes {length.parts} parts ({length.units} characters in {length.encoding}{forced})",
                "shorten it to one part; the filter gsm gives a name its nearest plain letters",
            )


def _push(template: Template, shop: Shop, render: Render) -> Iterator[Problem]:
    for language, source in sorted(template.push.items()):
        view = sample_view(template, shop, language, first_name="Ayşegül Nur")
        try:
            title = render(source.title, view, False)
        except Unrenderable:
            continue
        if len(title) > TITLE_LENGTH:
            yield Problem(
                f"push.{language}.yaml: title",
                f"the title has {len(title)} characters",
                f"shorten it to {TITLE_LENGTH}",
            )


def _transactional(template: Template) -> Iterator[Problem]:
    """Order and delivery notices are exempt from consent only if they promote nothing (facts: law)."""
    if template.purpose != "transactional":
        return
    for path, source in _sources(template):
        if _PROMOTES.search(source):
            yield Problem(path, "a transactional message may promote nothing", "take the offer out")


def _needs(template: Template) -> Iterator[Problem]:
    """What began the enrollment is read only for a template that says so; else these names would stay empty."""
    if needs_trigger_event(template.needs):
        return
    for path, source in _sources(template):
        found = _NEEDS_TRIGGER_EVENT.search(source)
        if found is not None:
            yield Problem(path, f"{found[0]} is used and not needed", f"add {found[0]} to needs in template.yaml")


def _sources(template: Template) -> Iterator[tuple[str, str]]:
    """Every text of the template with its file."""
    for language, action in template.action.text.items():
        yield f"template.yaml: action.text.{language}", action
    yield "template.yaml: action.url", template.action.url
    for pattern, texts in (
        ("subject.{}.txt", template.subject),
        ("email.{}.mjml", template.html),
        ("email.{}.txt", template.text),
        ("sms.{}.txt", template.sms),
    ):
        for language, source in sorted(texts.items()):
            yield pattern.format(language), source
    for language, push in sorted(template.push.items()):
        for source in (push.title, push.body, push.image):
            yield f"push.{language}.yaml", source


def _sample(template: Template, channel: str, language: str, shop: Shop, render: Render) -> str:
    try:
        content = compose(template, channel, language, sample_view(template, shop, language), render)
    except Unrenderable:
        return ""
    return getattr(content, "text", "")


_FILES = {"email": "email.{}.mjml", "sms": "sms.{}.txt", "push": "push.{}.yaml"}
