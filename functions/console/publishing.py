"""Publishing: the drafts with their differences and the checks, and the button that makes a release of them."""

from __future__ import annotations

from collections.abc import Callable

from functions.console.changes import noted
from functions.console.definition_diff import kind_and_name, shown
from functions.console.page import ROOT, page, redirect
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.definitions.drafts import begins_for_members
from shared.domain.definitions.origin import Origin
from shared.http.answers import Answer, not_found
from shared.operators.publishing import MODELS, discard, draft_of, keep_over_published, plan_drafts, publish_drafts
from shared.ports import Table


def show(visit: Visit) -> Answer:
    """All drafts, or the one that the address names."""
    only = visit.request.query.get("only", "")
    planned = plan_drafts(visit.environment.catalog, only)
    if only and not planned.drafts:
        raise not_found("there is no such draft")
    drafts = {one.key: one for one in planned.drafts}
    changes = [(shown(one), drafts[one.key]) for one in planned.changes if one.key in drafts]
    return page(
        visit,
        "publish.html",
        shop=shop_of(planned.release),
        planned=planned,
        changes=changes,
        only=only,
        beginning=begins_for_members(planned.release, planned.after) if planned.after else (),
        said=lambda key: kind_and_name(key, visit.language),
    )


def publish(visit: Visit) -> Answer:
    """Makes the next release of exactly what was seen."""
    environment, only = visit.environment, visit.form.get("only", "")
    origin = Origin.console(environment.clock.now(), visit.signed_in.name)
    with noted(visit, "release.published", {"only": only[:100]} if only else {}):
        release = publish_drafts(environment.catalog, visit.form.get("seen", ""), origin, only)
    return redirect(visit, f"{ROOT}/releases/{release.number}?new=1")


def throw_away(visit: Visit, kind: str, name: str) -> Answer:
    """Takes a draft away; what is published stays."""
    return _change_draft(visit, kind, name, "draft.discarded", discard)


def keep(visit: Visit, kind: str, name: str) -> Answer:
    """The draft is meant to replace what was published since it was begun."""
    return _change_draft(visit, kind, name, "draft.kept", keep_over_published)


def _change_draft(visit: Visit, kind: str, name: str, what: str, change: Callable[[Table, str], None]) -> Answer:
    key = _key(kind, name)
    draft_of(visit.environment.catalog, key)
    with noted(visit, what, {"definition": key[:100]}):
        change(visit.environment.catalog, key)
    return redirect(visit, f"{ROOT}/publish")


def _key(kind: str, name: str) -> str:
    if kind not in MODELS:
        raise not_found("there are no drafts of that")
    return f"{kind}/{name}"
