"""The body of a POST or PUT with the admin key: one JSON object."""

from __future__ import annotations

import json
from typing import Any

from shared.domain.events.refusals import Malformed, TooLarge
from shared.http.answers import malformed, too_large
from shared.http.request import Request


def json_object(request: Request, *, at_most: int | None = None) -> dict[str, Any]:
    """The object, whatever it holds; all of its text can be written in UTF-8, so tables and answers take it.

    Raises
    ------
    Problem
        400 if it is something else, 413 if it is larger than a request may be, or than ``at_most`` bytes.
    """
    try:
        raw = request.body()
        if at_most is not None and len(raw) > at_most:
            raise TooLarge(f"the body is larger than {at_most // 1_000} KB")
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()
    except Malformed as broken:
        raise malformed(str(broken)) from broken
    except TooLarge as large:
        raise too_large(str(large)) from large
    except UnicodeEncodeError as broken:
        raise malformed("the body holds half a character (a lone surrogate); write whole ones") from broken
    except (ValueError, RecursionError) as broken:
        raise malformed("the body is not JSON") from broken
    if not isinstance(body, dict):
        raise malformed("the body must be a JSON object")
    return body
