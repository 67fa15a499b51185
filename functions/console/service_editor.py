"""Teams, routing rules and canned answers: texts in a form, all of it as YAML; kept as drafts until published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import ValidationError

from functions.console.changes import noted
from functions.console.definition_diff import Shown, shown
from functions.console.definition_name import name_of
from functions.console.page import ROOT, page, redirect
from functions.console.rights import Right
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.yaml_text import InvalidYaml, as_json_takes_it, document, written
from shared.domain.conversations.conversation import CHANNELS
from shared.domain.definitions.difference import Difference, definitions_of
from shared.domain.definitions.drafts import Draft, with_drafts
from shared.domain.definitions.problems import Problem as Mistake
from shared.domain.definitions.problems import problems_of
from shared.domain.definitions.release import Release
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.describe import describe_canned, describe_routing, describe_team
from shared.domain.service.service_problems import text_problems
from shared.domain.service.team import TeamDefinition
from shared.http.answers import Answer, not_found
from shared.operators.publishing import MODELS, InvalidDraft, remove_in_draft, save_draft
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases

KINDS = ("canned_answer", "team", "routing")
LANGUAGES = ("tr", "en")
CANNED, TEAM = "canned_answer", "team"
SENTENCES = {"canned_answer": describe_canned, "team": describe_team, "routing": describe_routing}
BEGINNINGS: dict[str, dict[str, Any]] = {
    "canned_answer": {"canned_answer": "new-answer", "label": {"tr": "", "en": ""}, "text": {"tr": "", "en": ""}},
    "team": {"team": "new-team", "hours": {"mon-fri": "09:00-18:00"}, "answer": {"first": "4h", "warn_before": "30m"}},
    "routing": {"routing": "new-rule", "place": 50, "when": {"words": ["iade"]}, "set": {"tags": ["iade"]}},
}
"""What stands in the YAML of something new."""


@dataclass(frozen=True, slots=True)
class Edited:
    """``name``: empty for something new. ``version``: of the draft that was seen, 0 without one. ``difference``: from
    what is published."""

    kind: str
    name: str
    content: Mapping[str, Any]
    version: int
    yaml: str = ""
    mistakes: tuple[Mistake, ...] = ()
    checked: bool = False
    difference: Shown | None = None
    sentences: Mapping[str, str] = field(default_factory=dict)


def show(visit: Visit) -> Answer:
    """What there is, with what waits to be published."""
    catalog = visit.environment.catalog
    release = Releases(catalog).current()
    drafts = {one.key: one for one in Drafts(catalog).all()}
    published = definitions_of(release)
    keys = {key for key in (*published, *drafts) if key.partition("/")[0] in KINDS}
    listed: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for key in sorted(keys):
        kind, _, name = key.partition("/")
        draft = drafts.get(key)
        content = published.get(key) if draft is None or draft.content is None else draft.content
        sentence = "" if content is None else _sentence(kind, content, visit.language)
        listed[kind].append({"name": name, "content": content or {}, "draft": draft, "sentence": sentence})
    saved = visit.request.query.get("saved") == "1"
    return page(visit, "service.html", shop=shop_of(release), listed=listed, saved=saved, edits=visit.may(Right.EDIT))


def new(visit: Visit, kind: str) -> Answer:
    """A form to begin with."""
    if _known(kind) != CANNED:
        visit.demand(Right.EDIT)
    return _form(visit, Edited(kind, "", BEGINNINGS[kind], 0))


def begin(visit: Visit, kind: str) -> Answer:
    """The form of something new was sent."""
    return _submitted(visit, kind, "")


def edit(visit: Visit, kind: str, name: str) -> Answer:
    """The draft, else what is published."""
    _known(kind)
    return _form(visit, _read(visit, kind, name))


def submit(visit: Visit, kind: str, name: str) -> Answer:
    """One button: keep the texts, check or keep the YAML, or take it away."""
    _known(kind)
    return _submitted(visit, kind, name)


def _submitted(visit: Visit, kind: str, name: str) -> Answer:
    seen = Edited(kind, "", BEGINNINGS[_known(kind)], 0) if not name else _read(visit, kind, name)
    seen = Edited(kind, name, seen.content, _version(visit.form))
    action = visit.form.get("do", "")
    if action == "texts":
        return _save(visit, seen, _with_texts(visit, seen))
    visit.demand(Right.EDIT)  # agents write texts; hours, promises and rules are for who edits definitions
    if action == "remove" and name:
        with noted(visit, "draft.saved", {"definition": f"{kind}/{name}"[:100]}):
            now = visit.environment.clock.now()
            remove_in_draft(visit.environment.catalog, f"{kind}/{name}", now, visit.signed_in.name)
        return redirect(visit, _after(visit))
    yaml = visit.form.get("yaml", "")
    try:
        content = _of_yaml(yaml, kind, name)
    except InvalidYaml as broken:
        line = f"line {broken.line}" if broken.line else ""
        wrong = (Mistake("", line, broken.message, broken.remedy),)
        return _form(visit, Edited(kind, name, seen.content, seen.version, yaml, wrong), 422)
    return _save(visit, seen, content, yaml) if action == "save" else _checked(visit, seen, content, yaml)


def _of_yaml(yaml: str, kind: str, name: str) -> dict[str, Any]:
    content = as_json_takes_it(document(yaml))
    if not isinstance(content, dict) or not isinstance(content.get(kind), str):
        raise InvalidYaml(f"it holds no {kind}", f"write {kind}: and its name first")
    if name and content[kind] != name:
        raise InvalidYaml(f"the name does not change: it is {name}", f"write {kind}: {name}")
    return content


def _checked(visit: Visit, seen: Edited, content: dict[str, Any], yaml: str) -> Answer:
    """The same checks as publishing makes, the sentences, and the difference from what is published."""
    key, release = f"{seen.kind}/{content[seen.kind]}", Releases(visit.environment.catalog).current()
    mistakes = _mistakes(release, seen.kind, key, content)
    sentences = {} if mistakes else {one: _sentence(seen.kind, content, one) for one in LANGUAGES}
    before = definitions_of(release).get(key)
    difference = None if mistakes or before == content else shown(Difference(key, before, content))
    found = Edited(seen.kind, seen.name, content, seen.version, yaml, mistakes, not mistakes, difference, sentences)
    return _form(visit, found, 422 if mistakes else 200)


def _mistakes(release: Release, kind: str, key: str, content: Any) -> tuple[Mistake, ...]:
    """Those that the definition brings, as publishing would find them."""
    try:
        read = MODELS[kind].model_validate(content)
    except ValidationError as invalid:
        return tuple(problems_of("", MODELS[kind], content, invalid))
    teams = {read.team: read} if isinstance(read, TeamDefinition) else {}
    answers = {read.canned_answer: read} if isinstance(read, CannedAnswerDefinition) else {}
    wrong = tuple(text_problems(teams, answers, _liquid()))
    if wrong:
        return wrong
    before = set(with_drafts(release, []).problems)
    checked = with_drafts(release, [Draft(key, content, "", "", "", 1)])
    return tuple(one for one in checked.problems if one not in before)


@cache
def _liquid() -> LiquidRenderer:
    return LiquidRenderer()


def _save(visit: Visit, seen: Edited, content: dict[str, Any], yaml: str = "") -> Answer:
    environment, key = visit.environment, f"{seen.kind}/{content[seen.kind]}"
    mistakes = _mistakes(Releases(environment.catalog).current(), seen.kind, key, content)
    if not seen.name and (key in definitions_of(Releases(environment.catalog).current()) or _draft(visit, key)):
        mistakes = (Mistake("", seen.kind, f"there is one called {content[seen.kind]}", "give it another name"),)
    if mistakes:
        return _form(visit, Edited(seen.kind, seen.name, content, seen.version, yaml, mistakes), 422)
    try:
        with noted(visit, "draft.saved", {"definition": key[:100]}):
            now, by = environment.clock.now(), visit.signed_in.name
            save_draft(environment.catalog, seen.kind, content, now, by, version=seen.version)
    except InvalidDraft as invalid:
        return _form(visit, Edited(seen.kind, seen.name, content, seen.version, yaml, invalid.mistakes), 422)
    return redirect(visit, _after(visit))


def _with_texts(visit: Visit, seen: Edited) -> dict[str, Any]:
    """The definition with the texts of the form; everything else as it is."""
    form, content = visit.form, dict(seen.content)
    texts = {one: said for one in LANGUAGES if (said := form.get(f"text.{one}", "").replace("\r\n", "\n").strip())}
    if seen.kind == TEAM:
        hours = content.get("outside_hours")
        if not isinstance(hours, Mapping):
            raise not_found("the team answers nothing by itself; somebody who edits writes that first")
        return {**content, "outside_hours": {**hours, "text": {**_others(hours.get("text")), **texts}}}
    if seen.kind != CANNED:
        raise not_found("it has no texts")
    labels = {one: said for one in LANGUAGES if (said := " ".join(form.get(f"label.{one}", "").split()))}
    channels = [one for one in CHANNELS if form.get(f"channel.{one}") == "on"]
    content |= {"text": {**_others(content.get("text")), **texts}, "label": {**_others(content.get("label")), **labels}}
    content.pop("channels", None)
    if channels:
        content["channels"] = channels
    if not seen.name:
        content[CANNED] = name_of(labels, "new-answer")
    return content


def _others(texts: Any) -> dict[str, str]:
    """Of languages that the form does not show."""
    return {one: said for one, said in texts.items() if one not in LANGUAGES} if isinstance(texts, Mapping) else {}


def _read(visit: Visit, kind: str, name: str) -> Edited:
    key = f"{kind}/{name}"
    draft = _draft(visit, key)
    content = draft.content if draft else None
    content = content or definitions_of(Releases(visit.environment.catalog).current()).get(key)
    if content is None:
        raise not_found("there is nothing of this name")
    return Edited(kind, name, content, draft.version if draft else 0)


def _draft(visit: Visit, key: str) -> Draft | None:
    return Drafts(visit.environment.catalog).get(key)


def _form(visit: Visit, edited: Edited, status: int = 200) -> Answer:
    release = Releases(visit.environment.catalog).current()
    return page(
        visit,
        "service_editor.html",
        status,
        shop=shop_of(release),
        edited=edited,
        yaml=edited.yaml or written(edited.content),
        languages=LANGUAGES,
        channels=[one for one in CHANNELS if one != "store"],
        published=bool(edited.name) and f"{edited.kind}/{edited.name}" in definitions_of(release),
        edits=visit.may(Right.EDIT),
        has_texts=edited.kind == CANNED or bool(edited.kind == TEAM and edited.content.get("outside_hours")),
    )


def _sentence(kind: str, content: Any, language: str) -> str:
    """Empty for what cannot be read."""
    try:
        said: str = SENTENCES[kind](MODELS[kind].model_validate(content), language)  # type: ignore[operator]
    except ValidationError:
        return ""
    return said


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise not_found("there are no definitions of this kind here")
    return kind


def _after(visit: Visit) -> str:
    """Who may not publish sees that it waits."""
    return f"{ROOT}/publish" if visit.may(Right.EDIT) else f"{ROOT}/service?saved=1"


def _version(form: Mapping[str, str]) -> int:
    said = form.get("version", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
