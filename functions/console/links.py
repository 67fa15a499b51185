"""An identifier is taken from a person, or brought back: asked once more, with a reason, and noted."""

from __future__ import annotations

from typing import Any

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.sending import operator
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer, malformed, not_found
from shared.operators.link_verdicts import RELEASE, RELINK, WantedVerdict, store_verdict
from shared.operators.links import links
from shared.stores.releases import Releases

MOST_LETTERS = 500


def confirm(visit: Visit, key: str, child: str, owner: str, action: str) -> Answer:
    """What will happen, and why it is done."""
    identifier, link = _link(visit, key, child, owner, action)
    shop = shop_of(Releases(visit.environment.catalog).current())
    return page(visit, "link.html", shop=shop, key=key, identifier=identifier, link=link, action=action)


def change(visit: Visit, key: str, child: str, owner: str, action: str) -> Answer:
    """Stores the verdict; segmentation follows it within seconds."""
    _, link = _link(visit, key, child, owner, action)
    reason = visit.form.get("reason", "").strip()
    if not reason or len(reason) > MOST_LETTERS:
        raise malformed(f"the reason has 1 to {MOST_LETTERS} letters")
    with noted(visit, f"link.{action}", {"child": child, "owner": owner}):
        store_verdict(visit.environment, child, action, WantedVerdict(link["owner"], reason), operator(visit))
    return redirect(visit, f"{ROOT}/customers/{key}")


def _link(visit: Visit, key: str, child: str, owner: str, action: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The link of this customer that is meant: who may open the page of one cannot undo links of another."""
    if action not in (RELEASE, RELINK):
        raise not_found("a link is released or brought back")
    for identifier in links(visit.environment, key, {"limit": "1000"})["items"]:
        for link in identifier["links"]:
            if (identifier["id"], link["owner_id"]) == (child, owner):
                return identifier, link
    raise not_found("this customer has no such link")
