"""Segments: each as a sentence, how many are in it, who they are, and who comes and goes with time alone."""

from __future__ import annotations

from functions.console.page import page
from functions.console.rights import Right
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.definitions.release import Release
from shared.domain.definitions.text_comparison import turkish_sentence
from shared.domain.profile.search_terms import NAME_TRAITS
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.describe import describe_rule
from shared.http.answers import Answer, not_found
from shared.operators.search import shown_name
from shared.operators.segment_explanations import upcoming
from shared.operators.segment_members import with_traits
from shared.operators.segments import segments
from shared.stores.releases import Releases

ON_A_PAGE = "20"
DAYS = "7"


def show(visit: Visit) -> Answer:
    """The published segments; how many are in each is counted by a request of its own."""
    release, shop = _release(visit)
    listed = [(one, _sentence(visit, one)) for one in release.segments]
    return page(visit, "segments.html", shop=shop, release=release.number, listed=listed)


def counts(visit: Visit) -> Answer:
    """How many are in each segment."""
    return page(visit, "segments_counts.html", items=segments(visit.environment)["items"])


def one(visit: Visit, name: str) -> Answer:
    """One segment, and its members page by page."""
    release, shop = _release(visit)
    definition = release.segment(name)
    if definition is None:
        raise not_found("there is no such segment")
    people, cursor = [], None
    if visit.may(Right.SEE_CUSTOMERS):
        cursor = visit.request.query.get("cursor", "")
        asked = {"limit": ON_A_PAGE, "traits": ",".join(NAME_TRAITS), **({"cursor": cursor} if cursor else {})}
        found = with_traits(visit.environment, name, asked)
        people = [{**item, "name": shown_name(item["traits"])} for item in found["items"]]
        cursor = found["cursor"]
    sentence = _sentence(visit, definition)
    return page(
        visit, "segment.html", shop=shop, definition=definition, sentence=sentence, people=people, cursor=cursor
    )


def coming(visit: Visit, name: str) -> Answer:
    """Who enters and leaves within a week, unless something happens."""
    _, shop = _release(visit)
    return page(visit, "segment_coming.html", shop=shop, found=upcoming(visit.environment, name, {"days": DAYS}))


def _sentence(visit: Visit, definition: SegmentDefinition) -> str:
    """The rule as it is read after the label, with a capital letter."""
    rule = describe_rule(definition.who, visit.language)
    if visit.language == "tr":
        return f"{turkish_sentence(rule)} müşteriler."
    return f"Customers {rule}."


def _release(visit: Visit) -> tuple[Release, ShopView]:
    release = Releases(visit.environment.catalog).current()
    return release, shop_of(release)
