"""The copy of everything that is known of a person as one ZIP: ``data.json`` for programs, ``index.html`` to read, and
``files/`` with what he sent to the shop and was sent."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from shared.domain.conversations.mail import file_name
from shared.domain.privacy.part import Part
from shared.operators.consents import Environment as ConsentEnvironment
from shared.operators.customer_conversations import Environment as ConversationEnvironment
from shared.operators.customer_conversations import conversations_of
from shared.operators.export import export_of, known_of, whole_part_of
from shared.operators.person_page import Language, person_page

MOST_BYTES = 200_000_000
"""Of all files of a copy: a Lambda function has 512 MB of disk. What is beyond is named with its reason."""
Fetch = Callable[[Mapping[str, Any], int, Path], Path | None]
"""Puts a file of a message (as JSON) into a folder, by its number; None if it is gone."""


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


def write_copy(told: Mapping[str, Any], language: Language, file: Path, fetch: Fetch) -> None:
    """The ZIP. In ``data.json`` each file of a message names its place in it (``copied``), or why it is not there
    (``left_out``): ``gone``, or ``too_large`` beyond ``MOST_BYTES``.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, TemporaryDirectory() as folder:
        left = MOST_BYTES
        for message, attachment in _files(told):
            if attachment["size"] > left:
                attachment["left_out"] = "too_large"
                continue
            found = fetch(message, attachment["number"], Path(folder))
            if found is None:
                attachment["left_out"] = "gone"
                continue
            left -= found.stat().st_size
            place = f"files/{message['at'][:10]}-{message['id'][:8]}-{attachment['number']}-{_safe(attachment['name'])}"
            archive.write(found, place)
            attachment["copied"] = place
            found.unlink()
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=2))
        archive.writestr("index.html", person_page(told, language))


def _files(told: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each file that is kept, with its message."""
    for conversation in told["conversations"]:
        for message in conversation["messages"]:
            for attachment in message["attachments"]:
                if attachment["number"] is not None:
                    yield message, attachment


def _safe(name: str) -> str:
    """As a name in an archive: of one part, whatever somebody called it."""
    return file_name(name).replace("/", "_").replace("\\", "_") or "file"
