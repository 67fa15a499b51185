"""Definitions as files: reads a folder, checks everything in it together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from cli.template_files import InvalidTemplate, check_templates, read_templates
from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.bundle import Checked, Document, check
from shared.domain.definitions.problems import Problem
from shared.domain.templates.language import Template

TEMPLATES = "templates"
MAX_BYTES = 1_000_000


def check_folder(folder: Path) -> Checked:
    """Everything below ``folder`` as one bundle, or all its problems.

    ``shop.yaml``, ``segments/*.yaml``, ``journeys/*.yaml`` (several documents in a file are welcome), ``templates/*/``.
    """
    if not folder.is_dir():
        return Checked(
            None, (Problem(str(folder), "", "there is no such folder", "name the folder that holds shop.yaml"),)
        )
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(path for suffix in ("yaml", "yml", "json") for path in folder.rglob(f"*.{suffix}")):
        name = path.relative_to(folder)
        if name.parts[0] == TEMPLATES:
            continue
        try:
            documents += _documents(path, name.as_posix())
        except InvalidFile as broken:
            problems.append(broken.problem)
    templates, unread = _templates(folder / TEMPLATES)
    problems += unread
    checked = check(documents, templates, whole=not unread)
    if checked.bundle is not None:
        found = check_templates(templates, checked.bundle.shop, LiquidRenderer())
        problems += [Problem(problem.path, "", problem.message, problem.remedy) for problem in found]
    problems += checked.problems
    return Checked(None if problems else checked.bundle, tuple(problems))


class InvalidFile(ValueError):
    """A file that is no YAML."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _documents(path: Path, name: str) -> Iterator[Document]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidFile(Problem(name, "", "the file is larger than 1 MB", "split it"))
        contents = list(yaml.safe_load_all(path.read_text("utf-8")))
    except UnicodeDecodeError as broken:
        raise InvalidFile(Problem(name, "", "the file is not UTF-8", "save it as UTF-8")) from broken
    except (yaml.YAMLError, ValueError) as broken:
        if isinstance(broken, InvalidFile):
            raise
        raise InvalidFile(_not_yaml(name, broken)) from broken
    except RecursionError as broken:
        raise InvalidFile(Problem(name, "", "it is nested too deeply", "write it flatter")) from broken
    return (Document(name, content) for content in contents if content is not None)


def _not_yaml(name: str, broken: Exception) -> Problem:
    mark = getattr(broken, "problem_mark", None)
    what = getattr(broken, "problem", None) or str(broken).partition("\n")[0]
    path = f"line {mark.line + 1}" if mark is not None else ""
    return Problem(name, path, f"it is no YAML: {what}", "correct it")


def _templates(folder: Path) -> tuple[dict[str, Template], list[Problem]]:
    if not folder.is_dir():
        return {}, []
    try:
        return read_templates(folder), []
    except InvalidTemplate as broken:
        found = broken.problem
        return {}, [Problem(found.path, "", found.message, found.remedy)]
