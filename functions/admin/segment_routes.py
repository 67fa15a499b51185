"""What is asked about segments: ``GET /v1/segments...``, and ``POST`` about one that is not published."""

from __future__ import annotations

from typing import Any

from functions.admin.environment import Environment
from functions.admin.json_body import json_body
from shared.http.answers import not_found
from shared.http.request import Request

_PREVIEW = '{"draft": {"segment": "name", "who": {...}}}'
_EXPLAIN = '{"draft": {"segment": "name", "who": {...}}, "identifier": "user:42"}'


def read(request: Request, environment: Environment) -> object:
    """Answers of a GET; an identifier may hold a slash, so all parts behind ``explain`` are its."""
    from functions.admin import segment_explanations, segment_members, segments

    match request.path[2:]:
        case ():
            return segments.segments(environment)
        case (name, "members") if "traits" in request.query:
            return segment_members.with_traits(environment, name, request.query)
        case (name, "members"):
            return segment_members.members(environment, name, request.query)
        case (name, "explain", _, *_):
            return segment_explanations.explained(environment, name, "/".join(request.path[4:]), request.query)
        case (name, "upcoming"):
            return segment_explanations.upcoming(environment, name, request.query)
        case _:
            raise not_found("there is nothing here; try /v1/segments/NAME/members, /explain/user:42 or /upcoming")


def about_draft(request: Request, environment: Environment) -> dict[str, Any]:
    """``POST /v1/segments/preview`` and ``/explain``; the draft is the definition as JSON, nothing is written."""
    from functions.admin import segment_explanations, segment_preview

    if request.path[2:] == ("preview",):
        return segment_preview.preview(
            environment, json_body(request, words=frozenset({"draft", "beside"}), example=_PREVIEW)
        )
    words = frozenset({"draft", "identifier", "language"})
    return segment_explanations.explained_draft(environment, json_body(request, words=words, example=_EXPLAIN))
