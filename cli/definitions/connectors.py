"""Connected shops in a folder of definitions: `connectors/*.yaml`, one document each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from shared.domain.connectors.connector import Connector
from shared.domain.connectors.mapping_definition import expressions_of
from shared.domain.connectors.separate_shops import mixed_shops
from shared.domain.definitions.problems import Problem, problems_of

if TYPE_CHECKING:
    from shared.domain.definitions.bundle import Document

CONNECTORS = "connectors"


@dataclass(frozen=True, slots=True)
class CheckedConnectors:
    """``connectors`` are those that are right; with problems nothing is published."""

    connectors: tuple[Connector, ...]
    problems: tuple[Problem, ...]


def check_connectors(documents: Sequence[Document]) -> CheckedConnectors:
    """The connectors of these documents, and what is wrong with the others; every expression is read."""
    found: dict[str, Connector] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for document in documents:
        content = document.content if isinstance(document.content, Mapping) else {}
        try:
            connector = Connector.model_validate(content)
        except ValidationError as invalid:
            problems += problems_of(document.file, Connector, content, invalid)
            continue
        problems += _wrong_expressions(document.file, connector)
        if connector.connector in found:
            message = f"the connector {connector.connector} is described twice"
            problems.append(Problem(document.file, "connector", message, "keep one of the two"))
        found[connector.connector] = connector
        files[connector.connector] = document.file
    problems += [
        Problem(files[one.connector], one.field, one.message, one.remedy) for one in mixed_shops([*found.values()])
    ]
    return CheckedConnectors(tuple(found.values()), tuple(problems))


def is_connector(document: Document) -> bool:
    """Whether a document lies in the folder of the connectors."""
    return document.file.partition("/")[0] == CONNECTORS


def _wrong_expressions(file: str, connector: Connector) -> list[Problem]:
    from shared.adapters.jmespath_search import InvalidExpression, check_expression

    problems = []
    for place, expression in expressions_of(connector.mapping):
        try:
            check_expression(expression)
        except InvalidExpression as broken:
            remedy = "write it as https://jmespath.org describes; texts stand in '...', numbers in `...`"
            problems.append(Problem(file, f"mapping.{place}", str(broken), remedy))
    return problems
