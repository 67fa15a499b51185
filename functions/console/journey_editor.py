"""A journey that is changed: its waits as fields beside each step, and the whole as YAML; each change a draft."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from functions.console.changes import noted
from functions.console.definition_diff import sentence_of, words
from functions.console.journey_durations import journey_fields, step_fields, with_durations
from functions.console.page import ROOT, page, redirect
from functions.console.rule_fields import UNITS
from functions.console.shop import shop_of
from functions.console.texts import text
from functions.console.visit import Visit
from shared.adapters.yaml_text import InvalidYaml, as_json_takes_it, document, written
from shared.domain.definitions.drafts import Draft, with_drafts
from shared.domain.definitions.problems import Problem as Mistake
from shared.domain.definitions.problems import problems_of
from shared.domain.definitions.release import Release
from shared.domain.journeys.definition import JourneyDefinition
from shared.http.answers import Answer, malformed, not_found
from shared.operators.publishing import InvalidDraft, remove_in_draft, save_draft
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases

BEGINNING = """journey: new-journey
label: {tr: Yeni yolculuk, en: New journey}
start: {event: Order Completed}
steps:
  - wait: 3d
  - {id: first, send: newsletter, purpose: marketing, channels: [email]}
"""
"""What a new journey begins as: small, complete, and in words that explain themselves."""


def new(visit: Visit) -> Answer:
    """A journey to be written, with something to begin from."""
    return _form(visit, "", None, 0, yaml=BEGINNING)


def show(visit: Visit, name: str) -> Answer:
    """The draft of a journey, else what is published."""
    content, version = _stored(visit, name)
    return _form(visit, name, content, version)


def submit(visit: Visit, name: str = "") -> Answer:
    """Keeps a draft of what the fields or the YAML say, or takes the journey away."""
    environment, action = visit.environment, visit.form.get("do", "")
    if action == "remove" and name:
        with noted(visit, "draft.saved", {"definition": f"journey/{name}"[:100]}):
            remove_in_draft(environment.catalog, f"journey/{name}", environment.clock.now(), visit.signed_in.name)
        return redirect(visit, f"{ROOT}/publish")
    if action not in ("fields", "yaml"):
        raise malformed("the form says neither fields nor yaml")
    stored, seen = _stored(visit, name) if name else (None, 0)
    version = _version(visit)
    try:
        content = _written(visit, name, stored)
        if not name and _is_taken(visit, content["journey"]):
            raise InvalidDraft([Mistake("", "journey", "there is a journey of this name already", "give it another")])
        key = f"journey/{content['journey']}"
        with noted(visit, "draft.saved", {"definition": key[:100]}):
            now, by = environment.clock.now(), visit.signed_in.name
            save_draft(environment.catalog, "journey", content, now, by, version=version)
    except InvalidDraft as invalid:
        return _form(visit, name, stored, seen, yaml=_typed(visit, stored), mistakes=invalid.mistakes)
    except InvalidYaml as broken:
        return _form(visit, name, stored, seen, yaml=_typed(visit, stored), mistakes=(_of_yaml(broken),))
    return redirect(visit, f"{ROOT}/publish")


def preview(visit: Visit) -> Answer:
    """What the form says as sentences, with the difference to what is published, and every mistake. Writes nothing."""
    name = visit.form.get("name", "")
    release = Releases(visit.environment.catalog).current()
    stored = _stored(visit, name)[0] if name else None
    pieces: Any = ()
    try:
        content = _written(visit, name, stored)
        mistakes = _mistakes(visit, release, content)
        published = release.journey(name)
        before = None if published is None else published.model_dump(mode="json", by_alias=True, exclude_unset=True)
        said = [sentence_of("journey", one, visit.language) for one in (before, content)]
        pieces = words(*said) if said[1] else ()
    except InvalidYaml as broken:
        mistakes = (_of_yaml(broken),)
    template = "journey_preview_part.html" if visit.partial else "journey_preview.html"
    return page(visit, template, mistakes=mistakes, pieces=pieces)


def _mistakes(visit: Visit, release: Release, content: Any) -> tuple[Mistake, ...]:
    """Of this journey alone, else together with everything that is published and the other drafts."""
    try:
        read = JourneyDefinition.model_validate(content)
    except ValidationError as invalid:
        return tuple(problems_of("", JourneyDefinition, content, invalid))
    kept = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    key = f"journey/{read.journey}"
    others = [one for one in Drafts(visit.environment.catalog).all() if one.key != key]
    return with_drafts(release, [*others, Draft(key, kept, "", "", "", 1)]).problems


def _written(visit: Visit, name: str, stored: Any) -> Any:
    """The definition that the form says, as JSON; a mapping with the name that it must have.

    Raises
    ------
    InvalidYaml
        If it is no YAML, or no journey, or one of another name.
    """
    if "yaml" not in visit.form:
        return with_durations(stored or {}, visit.form)
    content = as_json_takes_it(document(visit.form["yaml"]))
    if not isinstance(content, dict) or not isinstance(content.get("journey"), str):
        raise InvalidYaml("it holds no journey", "begin it with journey: and a name")
    if name and content["journey"] != name:
        raise InvalidYaml(f"the name of a journey does not change: it is {name}", f"write journey: {name}")
    return content


def _typed(visit: Visit, stored: Any) -> str:
    """What stands in the field of the YAML after a mistake: what was typed, or what the fields would have made."""
    if "yaml" in visit.form:
        return visit.form["yaml"]
    return written(with_durations(stored or {}, visit.form))


def _stored(visit: Visit, name: str) -> tuple[Any, int]:
    """The draft (and its version), else what is published.

    Raises
    ------
    Problem
        404 if there is neither.
    """
    draft = Drafts(visit.environment.catalog).get(f"journey/{name}")
    if draft is not None and draft.content is not None:
        return draft.content, draft.version
    found = Releases(visit.environment.catalog).current().journey(name)
    if found is None:
        raise not_found("there is no such journey")
    return found.model_dump(mode="json", by_alias=True, exclude_unset=True), draft.version if draft else 0


def _is_taken(visit: Visit, name: str) -> bool:
    catalog = visit.environment.catalog
    return Releases(catalog).current().journey(name) is not None or Drafts(catalog).get(f"journey/{name}") is not None


def _version(visit: Visit) -> int:
    said = visit.form.get("version", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def _of_yaml(broken: InvalidYaml) -> Mistake:
    return Mistake("", f"line {broken.line}" if broken.line else "", broken.message, broken.remedy)


def _form(
    visit: Visit, name: str, content: Any, version: int, *, yaml: str = "", mistakes: tuple[Mistake, ...] = ()
) -> Answer:
    release = Releases(visit.environment.catalog).current()
    return page(
        visit,
        "journey_editor.html",
        422 if mistakes else 200,
        shop=shop_of(release),
        name=name,
        label=(content or {}).get("label") or {},
        version=version,
        steps=step_fields(content, visit.language) if content else [],
        beside=journey_fields(content) if content else (),
        units=[(unit, text(f"unit.{unit}", visit.language)) for unit in UNITS],
        yaml=yaml or written(content),
        mistakes=mistakes,
        published=bool(name) and release.journey(name) is not None,
    )
