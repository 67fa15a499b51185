"""The body of a POST or PUT as one JSON object."""

from __future__ import annotations

import json
from typing import Any

from shared.http.answers import malformed
from shared.http.request import Request
from shared.http.request_body import body_of


def json_object(request: Request, *, at_most: int | None = None) -> dict[str, Any]:
    """The object, whatever it holds; all of its text can be written in UTF-8, so tables and answers take it.

    Raises
    ------
    Problem
        400 if it is something else, 413 if it is larger than a request may be, or than ``at_most`` bytes.
    """
    raw = body_of(request, at_most=at_most)
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as broken:
        raise malformed("the body holds half a character (a lone surrogate); write whole ones") from broken
    except (ValueError, RecursionError) as broken:
        raise malformed("the body is not JSON") from broken
    if not isinstance(body, dict):
        raise malformed("the body must be a JSON object")
    return body
