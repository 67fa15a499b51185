"""Campaigns: which there are, how far each is while it runs, and stopping one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.definitions.text_comparison import turkish_sentence
from shared.domain.messages.describe_reason import describe_reason
from shared.http.answers import Answer
from shared.operators.campaign_scheduling import cancel
from shared.operators.campaigns import campaign, find, listed
from shared.operators.channels import channels
from shared.stores.releases import Releases

RUNS = ("scheduled", "running")
_OUTCOMES = {
    "sent": ("gönderildi", "sent"),
    "failed": ("gönderilemedi", "failed"),
    "unknown": ("sonucu bilinmiyor", "outcome unknown"),
}


def show(visit: Visit) -> Answer:
    """The newest first."""
    items = listed(visit.environment)["items"]
    return page(visit, "campaigns.html", shop=_shop(visit), items=items)


def one(visit: Visit, name: str) -> Answer:
    """What it says, and how far it is."""
    found = campaign(visit.environment, name)
    label = found["definition"].get("label", {})
    sentence = found["says"][visit.language].removeprefix(f"{label.get(visit.language, name)}: ")
    sentence = turkish_sentence(sentence) if visit.language == "tr" else sentence[:1].upper() + sentence[1:]
    new = visit.request.query.get("new") == "1"
    return page(visit, "campaign.html", **_standing(visit, found), label=label, sentence=sentence, new=new)


def progress(visit: Visit, name: str) -> Answer:
    """The numbers alone, which the page asks for while it runs."""
    return page(visit, "campaign_progress.html", **_standing(visit, campaign(visit.environment, name)))


def confirm(visit: Visit, name: str) -> Answer:
    """What cancelling does, before it is done."""
    found = campaign(visit.environment, name)
    return page(visit, "campaign_cancel.html", found=found, label=found["definition"].get("label", {}))


def cancel_one(visit: Visit, name: str) -> Answer:
    """At once: who has not got it, gets none."""
    find(visit.environment, name)
    with noted(visit, "campaign.cancelled", {"campaign": name[:100]}):
        cancel(visit.environment, name)
    return redirect(visit, f"{ROOT}/campaigns/{name}")


def _standing(visit: Visit, found: Mapping[str, Any]) -> dict[str, Any]:
    place = 0 if visit.language == "tr" else 1
    outcomes = sorted(found["outcomes"].items(), key=lambda one: (one[0] != "sent", -one[1]))
    asked = [one for one in channels(visit.environment)["items"] if one["channel"] in found["channels"]]
    return {
        "shop": _shop(visit),
        "found": found,
        "runs": found["state"] in RUNS or found["open"] > 0,
        "outcomes": [(word, _OUTCOMES.get(word, describe_reason(word))[place], count) for word, count in outcomes],
        "suspended": [one for one in asked if one["suspended"]],
    }


def _shop(visit: Visit) -> ShopView:
    return shop_of(Releases(visit.environment.catalog).current())
