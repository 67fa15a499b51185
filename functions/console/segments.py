"""Segments: each as a sentence, how many are in it, who they are, and who comes and goes with time alone."""

from __future__ import annotations

from functions.console.page import page
from functions.console.rights import Right
from functions.console.rule_sentence import rule_sentence
from functions.console.shop import ShopView, shop_of
from functions.console.visit import Visit
from shared.domain.definitions.release import Release
from shared.domain.journeys.start_definition import day_segment
from shared.domain.profile.search_terms import NAME_TRAITS
from shared.http.answers import Answer, not_found
from shared.operators.audiences import audiences
from shared.operators.search import shown_name
from shared.operators.segment_explanations import upcoming
from shared.operators.segment_members import with_traits
from shared.operators.segments import segments
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases

ON_A_PAGE = "20"
DAYS = "7"


def show(visit: Visit) -> Answer:
    """The published segments; how many are in each is counted by a request of its own."""
    release, shop = _release(visit)
    listed = [(one, rule_sentence(one, visit.language)) for one in release.segments]
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
    sentence = rule_sentence(definition, visit.language)
    return page(
        visit,
        "segment.html",
        shop=shop,
        definition=definition,
        sentence=sentence,
        audiences=[one for one in audiences(visit.environment)["items"] if one["segment"] == name],
        people=people,
        cursor=cursor,
        editable=name not in {day_segment(journey.journey) for journey in release.journeys},
        draft=visit.may(Right.EDIT) and Drafts(visit.environment.catalog).get(f"segment/{name}") is not None,
    )


def coming(visit: Visit, name: str) -> Answer:
    """Who enters and leaves within a week, unless something happens."""
    _, shop = _release(visit)
    return page(visit, "segment_coming.html", shop=shop, found=upcoming(visit.environment, name, {"days": DAYS}))


def _release(visit: Visit) -> tuple[Release, ShopView]:
    release = Releases(visit.environment.catalog).current()
    return release, shop_of(release)
