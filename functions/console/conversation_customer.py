"""Who writes: identity, cart, orders on every channel, what marketing sent, and what is owed."""

from __future__ import annotations

from functions.console.conversations import known_id
from functions.console.page import page
from functions.console.shop import shop_of
from functions.console.visit import Visit
from functions.console.why_line import look_of
from shared.domain.definitions.release import Release
from shared.http.answers import Answer, Problem, not_found
from shared.operators.agent_actions import UnknownConversation
from shared.operators.customer_orders import customer_orders
from shared.operators.customers import customer
from shared.operators.messages import messages
from shared.operators.search import shown_name
from shared.stores.releases import Releases

ORDERS, MESSAGES = 5, "5"
ANSWER = "service"
"""The purpose of answers: marketing did not send them."""


def show(visit: Visit, id_: str) -> Answer:
    """Beside the conversation; somebody who only wrote is shown with how he wrote."""
    environment = visit.environment
    try:
        shown = environment.desk().agents.show(known_id(id_))
    except UnknownConversation as unknown:
        raise not_found("there is no such conversation") from unknown
    release = Releases(environment.catalog).current()
    root = shown.tree.root
    try:
        known = customer(environment, root)
    except Problem as nobody:
        if nobody.status != 404:
            raise
        known = None
    found = customer_orders(environment, root, ORDERS) if known else {"orders": [], "cases": []}
    sent = messages(environment, root, {"limit": MESSAGES})["items"] if known else []
    told = []
    for one in sent:
        journey = release.journey(one["journey"])
        label = journey.label if journey else {}
        told.append({**one, "look": look_of(one["state"]), "journey_label": label})
    return page(
        visit,
        "conversation_customer.html" if visit.partial else "conversation_customer_page.html",
        shop=shop_of(release),
        id=id_,
        root_key=root,
        who=shown.group[0].who,
        customer=known,
        name=shown_name(known["traits"]) if known else None,
        segments=[_label(visit, release, name) for name in known["segments"]] if known else [],
        orders=found["orders"],
        cases=found["cases"],
        messages=[one for one in told if one["purpose"] != ANSWER],
    )


def _label(visit: Visit, release: Release, name: str) -> str:
    definition = release.segment(name)
    return (definition.label.get(visit.language) if definition else None) or name
