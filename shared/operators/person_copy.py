"""The copy of everything that is known of a person as one ZIP: ``data.json`` for programs, ``index.html`` to read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from shared.domain.privacy.part import Part
from shared.operators.consents import Environment as ConsentEnvironment
from shared.operators.customer_conversations import Environment as ConversationEnvironment
from shared.operators.customer_conversations import conversations_of
from shared.operators.export import export_of, known_of, whole_part_of
from shared.operators.person_page import Language, person_page


class Environment(ConsentEnvironment, ConversationEnvironment, Protocol):
    """What a whole copy is read from."""


def everything(environment: Environment, identifier: str) -> dict[str, Any]:
    """All pages of the export as one, with what the person wrote and was answered.

    Raises
    ------
    Problem
        404 if nobody is known by the identifier.
    """
    return everything_of(environment, whole_part_of(environment, identifier))


def everything_of(environment: Environment, part: Part) -> dict[str, Any]:
    """The same of one part."""
    tree = known_of(environment, part)
    told = export_of(environment, part, tree, {})
    cursor = told.pop("cursor")
    while cursor:
        page = export_of(environment, part, tree, {"cursor": cursor})
        told["items"] += page["items"]
        cursor = page["cursor"]
    told["conversations"] = []
    query: dict[str, str] = {}
    while True:
        page = conversations_of(environment, tree.keys, query, part)
        told["conversations"] += page["items"]
        if page["cursor"] is None:
            return told
        query = {"cursor": page["cursor"]}


def write_copy(told: Mapping[str, Any], language: Language, file: Path) -> None:
    """The ZIP.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=2))
        archive.writestr("index.html", person_page(told, language))
