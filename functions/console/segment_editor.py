"""A segment as a sentence that is edited by choosing words, and as YAML beside it; what it would hold, at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from functions.console.changes import noted
from functions.console.definition_name import name_of
from functions.console.page import ROOT, page, redirect
from functions.console.rule_fields import TESTS, UNITS, WORDS
from functions.console.rule_lines import KINDS, YAML, Group, change, group_of, read_form, rule_of
from functions.console.rule_sentence import rule_sentence
from functions.console.shop import shop_of
from functions.console.texts import text
from functions.console.visit import Visit
from shared.adapters.yaml_text import InvalidYaml, as_json_takes_it, document, written
from shared.domain.definitions.difference import definitions_of
from shared.domain.definitions.problems import Problem as Mistake
from shared.domain.definitions.release import Release
from shared.domain.segments.definition import SegmentDefinition
from shared.http.answers import Answer, Problem, not_found
from shared.operators.publishing import InvalidDraft, remove_in_draft, save_draft
from shared.operators.segment_preview import preview as previewed
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases

AHEAD = timedelta(days=7)
_UNNAMED = "new-segment"


@dataclass(frozen=True, slots=True)
class Edited:
    """What stands in the form. ``name`` is None for a segment that is not kept yet, which will be called ``wanted`` or
    after its label; ``version`` is that of the draft that was seen, 0 without one."""

    name: str | None
    labels: Mapping[str, str]
    group: Group
    version: int
    aliases: tuple[str, ...] = ()
    wanted: str = ""
    yaml: str = ""

    @property
    def aliases_field(self) -> str:
        """As the form carries them."""
        return json.dumps(self.aliases, ensure_ascii=False)


def new(visit: Visit) -> Answer:
    """A form with one condition, to begin with."""
    group = Group()
    change(group, "add:0", "orders")
    return _form(visit, Edited(None, {}, group, 0))


def show(visit: Visit, name: str) -> Answer:
    """The draft of a segment, else what is published."""
    draft = Drafts(visit.environment.catalog).get(f"segment/{name}")
    content = draft.content if draft else None
    content = content or definitions_of(Releases(visit.environment.catalog).current()).get(f"segment/{name}")
    if content is None:
        raise not_found("there is no such segment")
    return _form(visit, _of(content, draft.version if draft else 0))


def submit(visit: Visit, name: str = "") -> Answer:
    """One button of the form: change its lines, take the YAML over, save a draft, or take the segment away."""
    action = visit.form.get("do", "")
    try:
        edited = _from_yaml(visit, name) if action == "yaml" else _read(visit, name)
    except InvalidYaml as broken:
        kept = _read(visit, name, yaml=visit.form.get("yaml", ""))
        line = f"line {broken.line}" if broken.line else ""
        return _form(visit, kept, (Mistake("", line, broken.message, broken.remedy),))
    if action == "save":
        return _save(visit, edited)
    if action == "remove" and name:
        with noted(visit, "draft.saved", {"definition": f"segment/{name}"[:100]}):
            now = visit.environment.clock.now()
            remove_in_draft(visit.environment.catalog, f"segment/{name}", now, visit.signed_in.name)
        return redirect(visit, f"{ROOT}/publish")
    path = action.partition(":")[2]
    change(edited.group, action, visit.form.get(f"{path}:add", ""))
    return _form(visit, edited)


def preview(visit: Visit) -> Answer:
    """Whom the form would hold now: part of the page, or a page of its own without JavaScript. Writes nothing."""
    try:
        content = _content(_read(visit, visit.form.get("name", "")))
        definition = SegmentDefinition.model_validate(content)
        found = previewed(visit.environment, content, ahead=AHEAD)
    except InvalidYaml as broken:
        return _nothing(visit, broken.message)
    except ValueError as invalid:
        return _nothing(visit, _first_mistake(content, invalid))
    except Problem as problem:
        return _nothing(visit, problem.message)
    sentence = rule_sentence(definition, visit.language)
    template = "segment_preview_part.html" if visit.partial else "segment_preview.html"
    return page(visit, template, found=found, sentence=sentence, yaml=written(content), problem="")


def _nothing(visit: Visit, problem: str) -> Answer:
    template = "segment_preview_part.html" if visit.partial else "segment_preview.html"
    return page(visit, template, found=None, sentence="", yaml="", problem=problem)


def _first_mistake(content: Any, invalid: ValueError) -> str:
    from pydantic import ValidationError

    from shared.domain.definitions.problems import problems_of

    if isinstance(invalid, ValidationError):
        return str(problems_of("", SegmentDefinition, content, invalid)[0]).lstrip(": ")
    return str(invalid)


def _save(visit: Visit, edited: Edited) -> Answer:
    environment = visit.environment
    try:
        content = _content(edited)
        if edited.name is None and f"segment/{content['segment']}" in _taken(visit):
            taken = Mistake("", "segment", f"there is a segment {content['segment']} already", "give it another name")
            return _form(visit, edited, (taken,))
        key = f"segment/{content['segment']}"
        with noted(visit, "draft.saved", {"definition": key[:100]}):
            save_draft(
                environment.catalog,
                "segment",
                content,
                environment.clock.now(),
                visit.signed_in.name,
                version=edited.version,
            )
    except InvalidDraft as invalid:
        return _form(visit, edited, invalid.mistakes)
    except InvalidYaml as broken:
        return _form(visit, edited, (Mistake("", "", broken.message, broken.remedy),))
    return redirect(visit, f"{ROOT}/publish")


def _taken(visit: Visit) -> set[str]:
    catalog = visit.environment.catalog
    return {*definitions_of(Releases(catalog).current()), *(one.key for one in Drafts(catalog).all())}


def _form(visit: Visit, edited: Edited, mistakes: tuple[Mistake, ...] = ()) -> Answer:
    release = Releases(visit.environment.catalog).current()
    try:
        yaml = edited.yaml or written(_content(edited))
    except InvalidYaml:
        yaml = ""
    return page(
        visit,
        "segment_editor.html",
        422 if mistakes else 200,
        shop=shop_of(release),
        edited=edited,
        yaml=yaml,
        mistakes=mistakes,
        kinds=KINDS,
        raw=YAML,
        choices=_choices(visit, release, edited.name),
        published=edited.name is not None and release.segment(edited.name) is not None,
    )


def _choices(visit: Visit, release: Release, name: str | None) -> dict[str, Any]:
    """What the lists of the form offer: each with what it is called in the person's language."""
    language = visit.language

    def said(prefix: str, names: Iterable[str]) -> list[tuple[str, str]]:
        return [(one, text(f"{prefix}.{one}", language)) for one in names]

    lists = {one.choices for kind in KINDS.values() for one in kind.fields if one.form == "choice" and one.choices}
    labels = ((one.segment, one.label.get(language) or one.segment) for one in release.segments if one.segment != name)
    return {
        "words": said("word", WORDS),
        "tests": said("word", TESTS),
        "units": said("unit", UNITS),
        "kinds": said("rule", (*KINDS, YAML)),
        "segments": list(labels),
        "of": {names: said("choice", names) for names in lists},
    }


def _of(content: Any, version: int) -> Edited:
    aliases = tuple(content.get("aliases", ()))
    return Edited(content["segment"], content.get("label", {}), group_of(content["who"]), version, aliases)


def _read(visit: Visit, name: str, *, yaml: str = "") -> Edited:
    form = visit.form
    labels = {language: form.get(f"label.{language}", "").strip()[:200] for language in ("tr", "en")}
    labels = {language: said for language, said in labels.items() if said}
    try:
        aliases = tuple(map(str, json.loads(form.get("aliases", "[]"))))
    except (ValueError, TypeError):
        aliases = ()
    return Edited(name or None, labels, read_form(form), _version(form), aliases, form.get("wanted", ""), yaml)


def _from_yaml(visit: Visit, name: str) -> Edited:
    """What the YAML says; the name stays, for it is what the segment is known by everywhere.

    Raises
    ------
    InvalidYaml
        If it is no YAML, or no segment.
    """
    content = as_json_takes_it(document(visit.form.get("yaml", "")))
    if not isinstance(content, dict) or "who" not in content:
        raise InvalidYaml("it holds no segment", "write segment:, label: and who:")
    label = content.get("label", {})
    if not isinstance(label, dict) or not isinstance(content.get("aliases", []), list):
        raise InvalidYaml("label or aliases cannot be read", "write label: {tr: …, en: …} and aliases: [one, two]")
    labels = {str(key): str(value) for key, value in label.items()}
    aliases, said = tuple(map(str, content.get("aliases", []))), str(content.get("segment", ""))
    if name and said != name:
        raise InvalidYaml(f"the name of a segment does not change: it is {name}", f"write segment: {name}")
    return Edited(name or None, labels, group_of(content["who"]), _version(visit.form), aliases, said)


def _version(form: Mapping[str, str]) -> int:
    said = form.get("version", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def _content(edited: Edited) -> dict[str, Any]:
    """The definition as JSON; a new segment is named after its label."""
    name = edited.name or edited.wanted or name_of(edited.labels, _UNNAMED)
    content: dict[str, Any] = {"segment": name}
    if edited.labels:
        content["label"] = dict(edited.labels)
    if edited.aliases:
        content["aliases"] = list(edited.aliases)
    return {**content, "who": rule_of(edited.group)}
