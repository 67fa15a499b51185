"""Templates as people get them: e-mail, text message and push side by side, for a customer or a made-up one."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from functions.console.changes import noted
from functions.console.page import CONTENT_POLICY, ROOT, document, page, redirect
from functions.console.rights import Right
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.release import Release
from shared.domain.messages.request import CHANNELS, Channel
from shared.domain.templates.rules import Problem, problems
from shared.domain.templates.sample import PICTURES, SAMPLES
from shared.http.answers import Answer, malformed, not_found
from shared.operators.search import LONGEST_QUESTION, find_customers
from shared.operators.template_previews import SAMPLE, Asked, published, shown
from shared.operators.template_tests import send
from shared.stores.releases import Releases

FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""Of a message in a frame: its styles stand in it, its pictures are the shop's; nothing runs; it has no origin."""
_PAGE_POLICY = f"{CONTENT_POLICY}; frame-src 'self'"
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_MADE_UP = re.compile(re.escape(PICTURES) + r"[A-Za-z0-9._-]+")
_PLACEHOLDER = (
    "data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 viewBox=%270 0 4 5%27%3E"
    "%3Crect width=%274%27 height=%275%27 fill=%27%23d9cfc4%27/%3E%3C/svg%3E"
)
"""In the place of the pictures of made-up products, which are nowhere."""
LOOKS = ("light", "dark")
CLIPPED_AT = 102 * 1024
"""Bytes of HTML that Gmail shows."""
KEPT_CHECKS = 64
"""Templates whose checks an environment keeps."""
_CHECKED: dict[tuple[int, str], tuple[Release, tuple[Problem, ...]]] = {}
_KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


def show(visit: Visit) -> Answer:
    """The published templates, each with its channels and the journeys that send it."""
    release = Releases(visit.environment.catalog).current()
    listed = [
        (one, [channel for channel in CHANNELS if one.languages(channel)], _senders(release, one.template))
        for one in sorted(release.templates, key=lambda one: one.label.get(visit.language) or one.template)
    ]
    return page(visit, "templates.html", shop=shop_of(release), listed=listed)


def one(visit: Visit, name: str) -> Answer:
    """One template on every channel, with what the checks say of it."""
    return _page(visit, name)


def email(visit: Visit, name: str) -> Answer:
    """The e-mail alone, for a frame: as a reader in light or in dark mode sees it."""
    found = shown(visit.environment, name, _asked(visit, "email"), _liquid())
    (channel,) = found["channels"]
    if channel["email"] is None:
        raise not_found("the template has no e-mail to show")
    dark = visit.request.query.get("look") == "dark"
    html = _DARK.sub("@media all" if dark else "@media not all", channel["email"]["html"])
    return document(visit, _MADE_UP.sub(_PLACEHOLDER, html), FRAME_POLICY)


def find(visit: Visit, name: str) -> Answer:
    """Shows it for the customer who is meant. What is typed is sent as a form, and the address holds a key."""
    asked = " ".join(visit.form.get("q", "").split())[:LONGEST_QUESTION]
    found = find_customers(visit.environment, {"q": asked})["items"] if asked else []
    if not found:
        return _page(visit, name, nobody=True)
    return redirect(visit, f"{ROOT}/templates/{name}?customer={found[0]['id']}")


def test(visit: Visit, name: str) -> Answer:
    """Sends it to a test recipient of the shop."""
    wanted = visit.form.get("channel", "")
    channel: Channel | None = next((one for one in CHANNELS if one == wanted), None)
    if wanted and channel is None:
        raise malformed("there is no such channel")
    with noted(visit, "template.tested", {"template": name[:100]}):
        send(visit.environment, name, visit.form.get("to", ""), channel)
    return redirect(visit, f"{ROOT}/templates/{name}?tested=1")


def _page(visit: Visit, name: str, *, nobody: bool = False) -> Answer:
    release = Releases(visit.environment.catalog).current()
    template, query = published(release, name), visit.request.query
    asked = _asked(visit, None)
    found = shown(visit.environment, name, asked, _liquid())
    look = "dark" if query.get("look") == "dark" else "light"
    answer = page(
        visit,
        "template.html",
        shop=shop_of(release),
        definition=template,
        found=found,
        channels={one["channel"]: one for one in found["channels"]},
        asked=asked,
        languages=release.shop.languages,
        samples=tuple(SAMPLES),
        sample=SAMPLE,
        look=look,
        looks=LOOKS,
        checks=_checks(release, name),
        clipped=CLIPPED_AT,
        senders=_senders(release, name),
        recipients=sorted(release.shop.test_recipients),
        tested=query.get("tested") == "1",
        nobody=nobody,
        placeholder=_PLACEHOLDER,
        made_up=PICTURES,
    )
    answer["headers"]["content-security-policy"] = _PAGE_POLICY
    return answer


def _asked(visit: Visit, channel: Channel | None) -> Asked:
    """Whom the address names. A customer is a person: seeing messages of one needs the right."""
    query = visit.request.query
    language = query.get("language")
    customer = query.get("customer")
    if language is not None and not re.fullmatch(r"[a-z]{2}", language):
        raise malformed("a language has two letters")
    if customer is not None:
        visit.demand(Right.SEE_CUSTOMERS)
        if not _KEY.fullmatch(customer):
            raise not_found("a customer's address holds a key")
        return Asked(customer, None, language, channel)
    sample = query.get("sample", SAMPLE)
    if sample not in SAMPLES:
        raise not_found("there is no such made-up customer")
    return Asked(None, sample, language, channel)


def _senders(release: Release, name: str) -> list[Any]:
    return [journey for journey in release.journeys if any(step.send == name for step in journey.sends)]


def _checks(release: Release, name: str) -> tuple[Problem, ...]:
    """What the checks say: of a template of a release always the same, and four fifths of the page's processor time.
    The release itself is compared, for tables of their own number theirs from 1 too."""
    kept = _CHECKED.get((id(release), name))
    if kept is None or kept[0] is not release:
        while len(_CHECKED) >= KEPT_CHECKS:
            del _CHECKED[next(iter(_CHECKED))]
        found = problems(published(release, name), release.shop, _liquid(), _liquid().names)
        kept = _CHECKED[id(release), name] = (release, tuple(found))
    return kept[1]


@cache
def _liquid() -> LiquidRenderer:
    """Made with the first template that is looked at."""
    return LiquidRenderer()
