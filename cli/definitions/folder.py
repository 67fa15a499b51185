"""Definitions as files: reads a folder, checks everything in it together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cli.definitions.connectors import check_connectors, is_connector
from cli.definitions.feeds import check_feeds, is_feed
from cli.definitions.pictures import picture_warnings
from cli.definitions.renderer import renderer
from cli.definitions.senders import check_senders, is_sender
from cli.definitions.templates import InvalidTemplate, check_templates, read_templates
from shared.adapters import yaml_text
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.feed import Feed
from shared.domain.definitions.bundle import Bundle, Checked, Document, check
from shared.domain.definitions.problems import Problem
from shared.domain.definitions.release import SERVICE
from shared.domain.senders.gateway import Gateway
from shared.domain.service.service_problems import text_problems
from shared.domain.templates.definition import Template

TEMPLATES = "templates"
MAX_BYTES = 1_000_000
NAMED = ("segment", "journey", "coupon", *SERVICE)
"""Kinds of documents that begin with their name."""


def check_folder(folder: Path) -> Checked:
    """Everything below ``folder`` as one bundle, or all its problems.

    ``shop.yaml``, ``segments/*.yaml``, ``journeys/*.yaml`` (several documents in a file are welcome), ``templates/*/``,
    ``senders/*.yaml``, ``connectors/*.yaml``,
    ``feeds/*.yaml``.
    """
    if not folder.is_dir():
        return Checked(None, (_no_folder(folder),))
    documents, problems = _read_folder(folder)
    return _checked(folder, documents, problems)


def gateways_of(folder: Path) -> tuple[Gateway, ...]:
    """The gateways below ``senders`` of a folder that was checked."""
    documents, _ = _read_folder(folder)
    return check_senders([document for document in documents if is_sender(document)]).gateways


def connectors_of(folder: Path) -> tuple[Connector, ...]:
    """The connected shops below ``connectors`` of a folder that was checked."""
    documents, _ = _read_folder(folder)
    return check_connectors([document for document in documents if is_connector(document)]).connectors


def feeds_of(folder: Path) -> tuple[Feed, ...]:
    """The feeds of products below ``feeds`` of a folder that was checked."""
    documents, _ = _read_folder(folder)
    return check_feeds([document for document in documents if is_feed(document)]).feeds


@dataclass(frozen=True, slots=True)
class Drafted:
    """A folder as it would be with a draft in it. ``drafts``: the names of the segments and journeys of the draft."""

    bundle: Bundle | None
    problems: tuple[Problem, ...]
    drafts: tuple[str, ...]


def check_draft(folder: Path, draft: Path, *, with_others: bool = False) -> Drafted:
    """The folder with the documents of one more file, each in the place of its namesake.

    Of the templates those are checked that the draft's journeys send, because a check renders each of them many times;
    ``with_others``: those of all journeys.
    """
    if not folder.is_dir():
        return Drafted(None, (_no_folder(folder),), ())
    documents, problems = _read_folder(folder)
    try:
        drafted = list(documents_of(draft, draft.name))
    except FileNotFoundError:
        return Drafted(None, (Problem(str(draft), "", "there is no such file", "name the file of the draft"),), ())
    except InvalidFile as broken:
        return Drafted(None, (broken.problem,), ())
    named = {_name(document) for document in drafted} - {None}
    kept = [document for document in documents if _name(document) not in named]
    journeys = None if with_others else {name for kind, name in filter(None, named) if kind == "journey"}
    found = _checked(folder, [*kept, *drafted], problems, journeys)
    return Drafted(found.bundle, found.problems, tuple(name for _, name in sorted(n for n in named if n is not None)))


def _name(document: Document) -> tuple[str, str] | None:
    """The kind and the name of a definition; None for the shop's answers, and for what is none."""
    content = document.content if isinstance(document.content, Mapping) else {}
    return next(((kind, str(content[kind])) for kind in NAMED if kind in content), None)


def _no_folder(folder: Path) -> Problem:
    return Problem(str(folder), "", "there is no such folder", "name the folder that holds shop.yaml")


def _read_folder(folder: Path) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(path for suffix in ("yaml", "yml", "json") for path in folder.rglob(f"*.{suffix}")):
        name = path.relative_to(folder)
        if name.parts[0] == TEMPLATES:
            continue
        try:
            documents += documents_of(path, name.as_posix())
        except InvalidFile as broken:
            problems.append(broken.problem)
    return documents, problems


def _checked(
    folder: Path, documents: list[Document], problems: list[Problem], journeys: Collection[str] | None = None
) -> Checked:
    """``journeys``: check only what these send; None: every template."""
    templates, unread = _templates(folder / TEMPLATES)
    senders = check_senders([document for document in documents if is_sender(document)])
    shops = check_connectors([document for document in documents if is_connector(document)])
    feeds = check_feeds([document for document in documents if is_feed(document)])
    problems = [*problems, *unread, *senders.problems, *shops.problems, *feeds.problems]
    warnings = list(picture_warnings(folder))
    apart = (is_sender, is_connector, is_feed)
    documents = [document for document in documents if not any(kind(document) for kind in apart)]
    checked = check(documents, templates, whole=not unread)
    if checked.bundle is not None:
        sent = None if journeys is None else _sent_by(checked.bundle, journeys)
        chosen = {name: template for name, template in templates.items() if sent is None or name in sent}
        for found in check_templates(chosen, checked.bundle.shop, renderer()):
            told = warnings if found.warning else problems
            told.append(Problem(found.path, "", found.message, found.remedy))
    if checked.bundle is not None:
        service = checked.bundle.service
        files = {_name(document): document.file for document in documents}
        for text in text_problems(service.teams, service.canned_answers, renderer()):
            kind, _, name = text.file.partition("/")
            problems.append(replace(text, file=files.get((kind, name), text.file)))
    problems += checked.problems
    return Checked(None if problems else checked.bundle, tuple(problems), tuple(warnings))


def _sent_by(bundle: Bundle, journeys: Collection[str]) -> set[str]:
    """The names of the templates of these journeys."""
    return {send.send for journey in bundle.journeys if journey.journey in journeys for send in journey.plan.sends}


class InvalidFile(ValueError):
    """A file that is no YAML, or holds what is not taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def documents_of(path: Path, name: str) -> Iterator[Document]:
    """The documents of one file.

    Raises
    ------
    InvalidFile
        If it is no YAML, or holds what is not taken.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidFile(Problem(name, "", "the file is larger than 1 MB", "split it"))
        contents = yaml_text.documents(path.read_text("utf-8"))
    except UnicodeDecodeError as broken:
        raise InvalidFile(Problem(name, "", "the file is not UTF-8", "save it as UTF-8")) from broken
    except yaml_text.InvalidYaml as broken:
        where = f"line {broken.line}" if broken.line else ""
        raise InvalidFile(Problem(name, where, broken.message, broken.remedy)) from broken
    return (Document(name, content) for content in contents if content is not None)


def _templates(folder: Path) -> tuple[dict[str, Template], list[Problem]]:
    if not folder.is_dir():
        return {}, []
    try:
        return read_templates(folder), []
    except InvalidTemplate as broken:
        found = broken.problem
        return {}, [Problem(found.path, "", found.message, found.remedy)]
