"""One customer: who it is, what is known, what was sent and why not, and everything that happened."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from functions.console.environment import Environment
from functions.console.file_answer import file_answer
from functions.console.page import page
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from functions.console.why_line import line_of, look_of
from shared.domain.consent.proof_page import proof_page
from shared.domain.definitions.release import Release
from shared.domain.messages.describe_remedy import describe_remedy
from shared.domain.messages.gate_order import answers
from shared.http.answers import Answer, not_found
from shared.operators.consents import consents
from shared.operators.customer_orders import customer_orders
from shared.operators.customers import customer
from shared.operators.links import links
from shared.operators.messages import message, messages
from shared.operators.paging import MOST
from shared.operators.search import shown_name
from shared.operators.segment_explanations import explained
from shared.operators.timeline import timeline
from shared.stores.releases import Releases

ON_A_LINE = "60"
ON_A_PAGE = "25"
ORDERS = 5
CHANNELS = ("web", "mobile", "store", "email", "sms", "push")
"""By which what happened is filtered; others are seen among all."""
KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


def show(visit: Visit, key: str) -> Answer:
    """The head, the line of messages, cart, orders, segments and journeys; the rest is loaded behind it."""
    release, shop = _release(visit)
    found = customer(visit.environment, customer_key(key))
    bought = customer_orders(visit.environment, key, ORDERS)
    sent = messages(visit.environment, key, {"limit": ON_A_LINE})["items"]
    return page(
        visit,
        "customer.html",
        shop=shop,
        customer=found,
        name=shown_name(found["traits"]),
        orders=bought["orders"],
        cases=bought["cases"],
        line=line_of(sent),
        messages=[_told(release, one) for one in sent],
        segments=[_segment(release, name, since) for name, since in found["segments"].items()],
        others=[one for one in release.segments if one.segment not in found["segments"]],
        journeys=[_journey(release, one) for one in reversed(found["journeys"])],
    )


def why(visit: Visit, key: str, message_id: str) -> Answer:
    """Which question stopped a message, on which event, and what would have had to be different."""
    release, shop = _release(visit)
    one = message(visit.environment, customer_key(key), message_id)
    return page(
        visit,
        "why_part.html" if visit.partial else "why.html",
        shop=shop,
        key=key,
        message=_told(release, one),
        questions=answers(one["reason"]),
        remedy=describe_remedy(one["reason"]) if one["reason"] else None,
    )


def segment(visit: Visit, key: str, name: str) -> Answer:
    """Why a customer is in a segment or not, part by part."""
    release, shop = _release(visit)
    found = explained(visit.environment, name, customer_key(key), {"language": visit.language})
    definition = release.segment(name)
    label = definition.label if definition else {}
    template = "segment_why_part.html" if visit.partial else "segment_why.html"
    return page(visit, template, shop=shop, key=key, explained=found, label=label, segment=name)


def identity(visit: Visit, key: str) -> Answer:
    """Why these identifiers are one person."""
    _, shop = _release(visit)
    found = links(visit.environment, customer_key(key), {"limit": "100"})
    return page(visit, "customer_identity.html", shop=shop, key=key, identifiers=found["items"])


def consent(visit: Visit, key: str) -> Answer:
    """What may be sent, and every statement as proof."""
    _, shop = _release(visit)
    return page(
        visit, "customer_consents.html", shop=shop, key=key, found=consents(visit.environment, customer_key(key), {})
    )


def consent_proof(visit: Visit, key: str) -> Answer:
    """Every statement with its text, as a page to print: to be kept, never shown from our own origin."""
    _, shop = _release(visit)
    environment = visit.environment
    found = _every_statement(environment, customer_key(key))
    made_at = environment.clock.now()
    content = proof_page(found, visit.language, made_at=made_at, zone=shop.zone, shop=shop.name)
    return file_answer(visit, content, f"consent-proof-{made_at:%Y%m%d}.html", "text/html")


def _every_statement(environment: Environment, key: str) -> dict[str, Any]:
    found = consents(environment, key, {"limit": str(MOST)})
    cursor = found["cursor"]
    while cursor:
        more = consents(environment, key, {"limit": str(MOST), "cursor": cursor})
        found["items"] += more["items"]
        found["texts"] |= more["texts"]
        cursor = more["cursor"]
    return found


def events(visit: Visit, key: str) -> Answer:
    """Everything that happened on any channel, newest first."""
    _, shop = _release(visit)
    given = {name: text for name, text in visit.request.query.items() if name in {"kind", "channel", "cursor", "id"}}
    found = timeline(visit.environment, customer_key(key), {"limit": ON_A_PAGE, **given})
    template = "customer_events.html" if visit.partial else "customer_events_page.html"
    return page(
        visit,
        template,
        shop=shop,
        key=key,
        items=found["items"],
        cursor=found["cursor"],
        given=given,
        channels=CHANNELS,
        query=urlencode({name: text for name, text in given.items() if name in {"kind", "channel"} and text}),
    )


def customer_key(key: str) -> str:
    """Addresses hold keys only, so that no e-mail address or number is ever in one."""
    if not KEY.fullmatch(key):
        raise not_found("a customer's address holds a key")
    return key


def _release(visit: Visit) -> tuple[Release, ShopView]:
    release = Releases(visit.environment.catalog).current()
    return release, shop_of(release)


def _told(release: Release, one: dict[str, Any]) -> dict[str, Any]:
    """A message with the labels of its journey and how it is drawn."""
    journey = release.journey(one["journey"])
    return {**one, "look": look_of(one["state"]), "journey_label": journey.label if journey else {}}


def _segment(release: Release, name: str, since: str) -> dict[str, Any]:
    definition = release.segment(name)
    return {"name": name, "since": since, "label": definition.label if definition else {}}


def _journey(release: Release, one: dict[str, Any]) -> dict[str, Any]:
    definition = release.journey(one["journey"])
    return {**one, "label": definition.label if definition else {}}
