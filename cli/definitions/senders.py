"""Gateways of operators in a folder of definitions: `senders/*.yaml`, one document each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from shared.domain.definitions.problems import Problem, problems_of
from shared.domain.senders.gateway import Gateway

if TYPE_CHECKING:
    from shared.domain.definitions.bundle import Document

SENDERS = "senders"


@dataclass(frozen=True, slots=True)
class CheckedSenders:
    """``gateways`` are those that are right; with problems nothing is published."""

    gateways: tuple[Gateway, ...]
    problems: tuple[Problem, ...]


def check_senders(documents: Sequence[Document]) -> CheckedSenders:
    """The gateways of these documents, and what is wrong with the others."""
    found: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for document in documents:
        content = document.content if isinstance(document.content, Mapping) else {}
        try:
            gateway = Gateway.model_validate(content)
        except ValidationError as invalid:
            problems += problems_of(document.file, Gateway, content, invalid)
            continue
        if gateway.sender in found:
            message = f"the sender {gateway.sender} is described twice"
            problems.append(Problem(document.file, "sender", message, "keep one of the two"))
        found[gateway.sender] = gateway
    return CheckedSenders(tuple(found.values()), tuple(problems))


def is_sender(document: Document) -> bool:
    """Whether a document lies in the folder of the senders."""
    return document.file.partition("/")[0] == SENDERS
