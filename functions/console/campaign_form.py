"""Writing a campaign: fields, what they say as a sentence, whom it reaches, a test, and the question before it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from functions.console.changes import noted
from functions.console.definition_name import name_of
from functions.console.page import ROOT, page, redirect
from functions.console.rule_fields import UNITS, number_of
from functions.console.shop import shop_of
from functions.console.texts import text
from functions.console.visit import Visit
from shared.domain.campaigns.definition import StopAt, is_name
from shared.domain.definitions.release import Release
from shared.domain.messages.request import CHANNELS
from shared.http.answers import Answer, Problem, malformed
from shared.operators.campaign_scheduling import checked, schedule, send_test
from shared.stores.campaigns import Campaigns
from shared.stores.releases import Releases

PLACES = ("1", "2", "3")
"""The first channel, and those that are tried after it."""
LIMITS = ("bounces", "complaints")
MOST_TRIES = 50
_EMAIL = re.compile(r"[^@\s,]{1,200}@[^@\s,]{1,200}")
_BEGIN = {
    "channel.1": "email", "when": "now", "fresh.n": "24", "fresh.u": "h", "valid.u": "h", "once.u": "d",
    "stop.bounces": f"{StopAt().bounces}", "stop.complaints": f"{StopAt().complaints}",
}  # fmt: skip


def new(visit: Visit) -> Answer:
    """Fields with what most campaigns say; tests go to the person who is signed in."""
    own = visit.signed_in.name
    test = f"email:{own}" if _EMAIL.fullmatch(own) else ""
    segment = visit.request.query.get("segment", "")[:100]
    return _form(visit, {**_BEGIN, "test": test, "segment": segment})


def submit(visit: Visit) -> Answer:
    """A test, the question, or the answer to it."""
    form, action = visit.form, visit.form.get("do", "")
    definition = _definition(visit, form)
    found = checked(visit.environment, definition)
    if found["problems"]:
        return _form(visit, form, found["problems"])
    match action:
        case "test":
            return _test(visit, form, definition)
        case "review":
            return page(visit, "campaign_review.html", shop=_shop(visit), found=found, form=_kept(form, definition))
        case "schedule":
            with noted(visit, "campaign.scheduled", {"campaign": definition["campaign"][:100]}):
                schedule(visit.environment, definition)
            return redirect(visit, f"{ROOT}/campaigns/{definition['campaign']}?new=1")
        case "back":
            return _form(visit, form)
    raise malformed("the form says not what to do")


def preview(visit: Visit) -> Answer:
    """What the fields say, and whom that reaches. Writes nothing."""
    chosen = _included(visit.form) and visit.form.get("send")
    found = checked(visit.environment, _definition(visit, visit.form)) if chosen else None
    template = "campaign_preview_part.html" if visit.partial else "campaign_preview.html"
    return page(visit, template, shop=_shop(visit), found=found)


def _test(visit: Visit, form: Mapping[str, str], definition: dict[str, Any]) -> Answer:
    try:
        with noted(visit, "campaign.tested", {"campaign": definition["campaign"][:100]}):
            told = send_test(visit.environment, definition)
    except Problem as problem:
        wrong = {"path": "test", "message": problem.message, "remedy": text("campaign.test.remedy", visit.language)}
        return _form(visit, form, [wrong])
    return _form(visit, form, tested=len(told["recipients"]))


def _definition(visit: Visit, form: Mapping[str, str]) -> dict[str, Any]:
    """What the fields say, as JSON; checked by who takes it."""
    template = Releases(visit.environment.catalog).current().template(form.get("send", ""))
    labels = {language: form.get(f"label.{language}", "").strip()[:200] for language in ("tr", "en")}
    labels = {language: said for language, said in labels.items() if said}
    definition: dict[str, Any] = {
        "campaign": _name(visit, form, labels),
        **_who(form),
        "send": form.get("send", ""),
        "purpose": template.purpose if template is not None else "marketing",
        "channels": list(dict.fromkeys(one for place in PLACES if (one := form.get(f"channel.{place}", "")))),
        "at": "now" if form.get("when", "now") == "now" else form.get("at", ""),
        "fresh_for": form.get("fresh.n", "").strip() + form.get("fresh.u", "h"),
    }
    if labels:
        definition["label"] = labels
    if form.get("local") == "local" and definition["at"] != "now":
        definition["local_time"] = True
    if form.get("throttle", "").strip():
        definition["throttle"] = {"per_minute": number_of(form["throttle"].strip())}
    if form.get("give", "").strip():
        definition["give"] = _gift(form)
    limits = {name: form[f"stop.{name}"].strip().replace(",", ".") for name in LIMITS if form.get(f"stop.{name}")}
    if limits:
        definition["stop_at"] = limits
    test = [part.strip() for part in form.get("test", "").split(",") if part.strip()]
    if test:
        definition["test"] = test
    return definition


def _who(form: Mapping[str, str]) -> dict[str, Any]:
    """One segment, or several; and those that are left out."""
    included, excluded = _included(form), _ticked(form, "not.")
    who: dict[str, Any] = {"segments": included} if len(included) > 1 else {"segment": (included or [""])[0]}
    return {**who, "except": excluded} if excluded else who


def _included(form: Mapping[str, str]) -> list[str]:
    first = form.get("segment", "")
    return list(dict.fromkeys([*([first] if first else []), *_ticked(form, "also.")]))


def _ticked(form: Mapping[str, str], mark: str) -> list[str]:
    return [name.removeprefix(mark) for name, value in form.items() if name.startswith(mark) and value]


def _gift(form: Mapping[str, str]) -> dict[str, Any]:
    """The coupon, what it is worth, how long it is good for, and how often somebody gets it."""
    gift: dict[str, Any] = {"coupon": form["give"].strip()}
    if form.get("percent", "").strip():
        gift["percent"] = number_of(form["percent"].strip())
    for field, name in (("valid", "valid"), ("once", "once_per")):
        if form.get(f"{field}.n", "").strip():
            gift[name] = form[f"{field}.n"].strip() + form.get(f"{field}.u", "h")
    return gift


def _name(visit: Visit, form: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """The name that was asked about, so that sending the form twice is one campaign; else a free one of the label."""
    said = form.get("campaign", "")
    if is_name(said):
        return said
    store, first = Campaigns(visit.environment.catalog), name_of(labels, "campaign")
    tries = (first if number == 1 else f"{first}-{number}" for number in range(1, MOST_TRIES))
    return next((name for name in tries if store.get(name) is None), first)


def _kept(form: Mapping[str, str], definition: Mapping[str, Any]) -> dict[str, str]:
    """The fields, which the question carries along with the name."""
    names = {name for name in form if name in _BEGIN or name.partition(".")[0] in _FIELDS}
    return {**{name: form[name] for name in sorted(names)}, "campaign": str(definition["campaign"])}


_FIELDS = {
    "label", "segment", "also", "not", "send", "channel", "when", "at", "local", "fresh", "throttle", "test", "give",
    "percent", "valid", "once", "stop",
}  # fmt: skip


def _form(
    visit: Visit, form: Mapping[str, str], problems: list[dict[str, str]] | None = None, tested: int = 0
) -> Answer:
    release = Releases(visit.environment.catalog).current()
    language = visit.language
    return page(
        visit,
        "campaign_form.html",
        422 if problems else 200,
        shop=shop_of(release),
        form=form,
        problems=problems or [],
        tested=tested,
        segments=[(one.segment, one.label.get(language) or one.segment) for one in release.segments],
        templates=_templates(visit, release),
        more=len(_included(form)) > 1 or bool(_ticked(form, "not.")),
        coupons=[one.coupon for one in release.coupons],
        channels=[(one, text(f"channel.{one}", language)) for one in CHANNELS],
        units=[(one, text(f"unit.{one}", language)) for one in UNITS],
    )


def _templates(visit: Visit, release: Release) -> list[tuple[str, str]]:
    """Each with the channels it has; those that need what only a journey gives are refused by the check."""
    found = []
    for one in release.templates:
        has = [text(f"channel.{channel}", visit.language) for channel in CHANNELS if one.languages(channel)]
        label = getattr(one, "label", {}).get(visit.language) or one.template
        found.append((one.template, f"{label} ({', '.join(has)})"))
    return found


def _shop(visit: Visit) -> Any:
    return shop_of(Releases(visit.environment.catalog).current())
