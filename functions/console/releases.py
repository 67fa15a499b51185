"""The releases: where each came from, what it changed, and how an earlier one is brought back."""

from __future__ import annotations

from functions.console.changes import noted
from functions.console.definition_diff import kind_and_name, shown
from functions.console.page import ROOT, page, redirect
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.definitions.drafts import begins_for_members
from shared.domain.definitions.origin import Origin
from shared.http.answers import Answer, not_found
from shared.operators.publishing import bring_back, plan_return
from shared.stores.releases import Releases

ON_A_PAGE = 20
MOST_DIGITS = 9


def show(visit: Visit) -> Answer:
    """Newest first."""
    releases = Releases(visit.environment.catalog)
    current = releases.current()
    listed, cursor = releases.log(ON_A_PAGE, visit.request.query.get("cursor") or None)
    return page(
        visit,
        "releases.html",
        shop=shop_of(current),
        current=current.number,
        listed=listed,
        cursor=cursor,
        said=lambda key: kind_and_name(key, visit.language),
    )


def one(visit: Visit, number: str) -> Answer:
    """What would change if this release came back; nothing if it is what is published."""
    planned = plan_return(visit.environment.catalog, _number(number))
    return page(
        visit,
        "release.html",
        shop=shop_of(planned.release),
        planned=planned,
        changes=[shown(change) for change in planned.changes],
        beginning=begins_for_members(planned.release, planned.earlier),
        new=visit.request.query.get("new") == "1",
    )


def publish_again(visit: Visit, number: str) -> Answer:
    """Brings an earlier release back, as a new one."""
    environment, wanted = visit.environment, _number(number)
    origin = Origin.console(environment.clock.now(), visit.signed_in.name)
    with noted(visit, "release.brought_back", {"release": str(wanted)}):
        release = bring_back(environment.catalog, wanted, visit.form.get("seen", ""), origin)
    return redirect(visit, f"{ROOT}/releases/{release.number}?new=1")


def _number(said: str) -> int:
    if not said.isascii() or not said.isdigit() or len(said) > MOST_DIGITS:
        raise not_found("a release has a number")
    return int(said)
