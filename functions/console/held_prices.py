"""What somebody says of a price that may be a slip; they are listed on Today."""

from __future__ import annotations

from functions.console.changes import noted
from functions.console.page import ROOT, redirect
from functions.console.visit import Visit
from shared.domain.interests.held_price import Said
from shared.domain.products.product import ID_LENGTH
from shared.http.answers import Answer, Problem, malformed
from shared.operators.stock.held_prices import decide
from shared.ports import Conflict
from shared.stores.held_prices import MOST_LISTED

WORDS: dict[str, Said] = {"right": "right", "slip": "slip"}
EPISODE_DIGITS = 15
UNREADABLE = "the form names no product, no price, or nothing that is said of it"


def say(visit: Visit) -> Answer:
    """It is right, and people are told; or it is a slip, and nobody is."""
    said = WORDS.get(visit.form.get("said", ""))
    product, episode = _price(visit.form.get("episode", ""), visit.form.get("product", ""))
    if said is None:
        raise malformed(UNREADABLE)
    with noted(visit, f"price.{said}", {"product": product}):
        decide(visit.environment.stock(), product, episode, said)
    return redirect(visit, ROOT)


def say_slips(visit: Visit) -> Answer:
    """All prices that the page showed are slips, and nobody is told of any. One that somebody decided since stays."""
    lines = visit.form.get("listed", "").replace("\r\n", "\n").split("\n")  # a browser sends both signs
    if len(lines) > MOST_LISTED:
        raise malformed(UNREADABLE)
    shown = [_price(*line.partition(" ")[::2]) for line in lines]
    with noted(visit, "price.slips", {"count": str(len(shown))}):
        for product, episode in shown:
            try:
                decide(visit.environment.stock(), product, episode, "slip")
            except (Problem, Conflict):  # somebody said something of it since, or it costs something else
                continue
    return redirect(visit, ROOT)


def _price(episode: str, product: str) -> tuple[str, int]:
    """A product, and since when it costs that; as the form names them."""
    right = 1 <= len(product) <= ID_LENGTH and episode.isascii() and episode.isdigit()
    if not right or len(episode) > EPISODE_DIGITS:
        raise malformed(UNREADABLE)
    return product, int(episode)
