"""What somebody says of a price that may be a slip; they are listed on Today."""

from __future__ import annotations

from functions.console.changes import noted
from functions.console.page import ROOT, redirect
from functions.console.visit import Visit
from shared.domain.interests.held_price import Said
from shared.domain.products.product import ID_LENGTH
from shared.http.answers import Answer, malformed
from shared.operators.stock.held_prices import decide

WORDS: dict[str, Said] = {"right": "right", "slip": "slip"}
EPISODE_DIGITS = 15


def say(visit: Visit) -> Answer:
    """It is right, and people are told; or it is a slip, and nobody is."""
    product, episode = visit.form.get("product", ""), visit.form.get("episode", "")
    said = WORDS.get(visit.form.get("said", ""))
    right = 1 <= len(product) <= ID_LENGTH and episode.isascii() and episode.isdigit()
    if said is None or not right or len(episode) > EPISODE_DIGITS:
        raise malformed("the form names no product, no price, or nothing that is said of it")
    with noted(visit, f"price.{said}", {"product": product}):
        decide(visit.environment.stock(), product, int(episode), said)
    return redirect(visit, ROOT)
