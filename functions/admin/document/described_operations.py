"""Operations of functions that read requests without models, as they stand in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.admin.document.tracking_paths import BEARER_KEY, REF, json_content
from functions.admin.operation import BEARER

_ALWAYS = (401, 403, 405, 503)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: its name, what it does, what it takes and answers, which errors it may have."""

    method: str
    path: str
    name: str
    summary: str
    answers: tuple[type[BaseModel], ...]
    errors: tuple[int, ...] = ()
    takes: type[BaseModel] | None = None
    query: tuple[tuple[str, str], ...] = ()
    """Names of parameters, and what they are."""
    sources: bool = True
    """Trusted sources may ask this by their write key, not only operators."""


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one function. ``errors``: what each status means there; ``error``: the model of an error."""

    tag: str
    operations: tuple[Operation, ...]
    errors: Mapping[int, str]
    error: type[BaseModel]

    def schemas(self) -> dict[str, Any]:
        """The models by name, as JSON Schema."""
        used: list[type[BaseModel]] = [self.error]
        for one in self.operations:
            used += [*one.answers, *([one.takes] if one.takes else [])]
        wanted = [(model, "validation") for model in dict.fromkeys(used)]
        made = models_json_schema(wanted, ref_template=f"{REF}{{model}}")  # type: ignore[arg-type]
        found: dict[str, Any] = made[1]["$defs"]
        return found

    def paths(self) -> dict[str, Any]:
        """Operations by path and method."""
        found: dict[str, Any] = {}
        for one in self.operations:
            found.setdefault(one.path, {})[one.method] = self._operation(one)
        return found

    def _operation(self, one: Operation) -> dict[str, Any]:
        names = [part.strip("{}") for part in one.path.split("/") if part.startswith("{")]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in names
        ]
        parameters += [
            {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "string"}}
            for name, about in one.query
        ]
        refs = [{"$ref": REF + model.__name__} for model in one.answers]
        good = {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}
        statuses = sorted({*_ALWAYS, *one.errors})
        error = json_content(self.error.__name__)
        return {
            "operationId": one.name,
            "summary": one.summary,
            "tags": [self.tag],
            "security": [{BEARER: []}, {BEARER_KEY: []}] if one.sources else [{BEARER: []}],
            **({"parameters": parameters} if parameters else {}),
            **(
                {"requestBody": {"required": True, "content": json_content(one.takes.__name__)}}
                if one.takes is not None
                else {}
            ),
            "responses": {
                "200": {"description": "the answer", "content": {"application/json": good}},
                **{str(status): {"description": self.errors[status], "content": error} for status in statuses},
            },
        }
