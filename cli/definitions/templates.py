"""Templates as folders of files, read and compiled for a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cli.definitions.mjml import InvalidMjml, compile_mjml
from shared.adapters import yaml_text
from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.shop import Shop
from shared.domain.templates.definition import PushText, Template, TemplateDefinition
from shared.domain.templates.rules import Problem, problems
from shared.domain.templates.text_template import text_template

PARTS = "parts"
"""Folder beside the templates: pieces that ``mj-include`` takes by name."""
REMEMBERED = 256
"""Templates whose findings a process keeps: a folder is checked again with each change of one file."""
_found: dict[tuple[Any, ...], list[Problem]] = {}
_made_text = lru_cache(REMEMBERED)(text_template)


class InvalidTemplate(ValueError):
    """A folder that is no template. ``problem`` names the file, what is wrong, and the remedy."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.path}: {problem.message}; {problem.remedy}")
        self.problem = problem


def read_templates(folder: Path) -> dict[str, Template]:
    """All templates below ``definitions/templates``, by name.

    Raises
    ------
    InvalidTemplate
        At the first file that cannot be read.
    """
    parts = read_parts(folder / PARTS)
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and path.name != PARTS)
    return {path.name: read_template(path, parts) for path in folders}


def read_parts(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.mjml"))}


def read_template(folder: Path, parts: Mapping[str, str]) -> Template:
    """One template: the definition, and every text that is there."""
    path = folder / "template.yaml"
    try:
        definition = TemplateDefinition.model_validate(_yaml(path, folder))
    except ValidationError as broken:
        raise _invalid(folder, path, broken) from broken
    if definition.template != folder.name:
        raise InvalidTemplate(
            Problem(_name(folder, path), "template and folder have different names", f"write template: {folder.name}")
        )
    html = {language: _html(folder, file, parts) for language, file in _files(folder, "email", "mjml")}
    text = {language: _text(file) for language, file in _files(folder, "email", "txt")}
    return Template(
        **definition.model_dump(),
        subject={language: _text(file) for language, file in _files(folder, "subject", "txt")},
        html=html,
        text=text,
        text_made=_texts_made({language: html[language] for language in html if not text.get(language)}),
        push={language: _push(folder, file) for language, file in _files(folder, "push", "yaml")},
        sms={language: _text(file) for language, file in _files(folder, "sms", "txt")},
    )


def check_templates(templates: Mapping[str, Template], shop: Shop, liquid: LiquidRenderer) -> list[Problem]:
    """What speaks against publishing; paths begin with ``templates/<name>/``. The same template for the same shop is
    rendered once in a process."""
    asked = shop.model_dump_json()
    return [
        replace(found, path=f"templates/{name}/{found.path}")
        for name, template in templates.items()
        for found in _findings(template, shop, asked, liquid)
    ]


def _findings(template: Template, shop: Shop, asked: str, liquid: LiquidRenderer) -> list[Problem]:
    key = (liquid, asked, template.model_dump_json())
    if key not in _found:
        if len(_found) >= REMEMBERED:
            _found.clear()
        _found[key] = problems(template, shop, liquid, liquid.names)
    return _found[key]


def _files(folder: Path, kind: str, suffix: str) -> list[tuple[str, Path]]:
    return [(path.name.split(".")[1], path) for path in sorted(folder.glob(f"{kind}.??.{suffix}"))]


def _text(path: Path) -> str:
    return path.read_text("utf-8").strip()


def _html(folder: Path, path: Path, parts: Mapping[str, str]) -> str:
    try:
        return compile_mjml(path.read_text("utf-8"), parts)
    except InvalidMjml as broken:
        raise InvalidTemplate(Problem(_name(folder, path), str(broken), "see docs/messages.md")) from broken


def _texts_made(html: Mapping[str, str]) -> dict[str, str]:
    made = {language: _made_text(source) for language, source in html.items()}
    return {language: text for language, text in made.items() if text is not None}


def _push(folder: Path, path: Path) -> PushText:
    try:
        return PushText.model_validate(_yaml(path, folder))
    except ValidationError as broken:
        raise _invalid(folder, path, broken) from broken


def _yaml(path: Path, folder: Path) -> Any:
    try:
        return yaml_text.document(path.read_text("utf-8"))
    except FileNotFoundError as absent:
        raise InvalidTemplate(Problem(_name(folder, path), "the file is missing", "add it")) from absent
    except UnicodeDecodeError as broken:
        raise InvalidTemplate(Problem(_name(folder, path), "the file is not UTF-8", "save it as UTF-8")) from broken
    except yaml_text.InvalidYaml as broken:
        name = f"{_name(folder, path)}: line {broken.line}" if broken.line else _name(folder, path)
        raise InvalidTemplate(Problem(name, broken.message, broken.remedy)) from broken


def _invalid(folder: Path, path: Path, broken: ValidationError) -> InvalidTemplate:
    first = broken.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return InvalidTemplate(Problem(f"{_name(folder, path)}: {place}", first["msg"], "correct it"))


def _name(folder: Path, path: Path) -> str:
    return f"templates/{folder.name}/{path.name}"
