"""The body of a POST with the admin key: one JSON object."""

from __future__ import annotations

import json
from typing import Any

from functions.ingest.answers import malformed, too_large
from functions.ingest.request import Request
from shared.domain.tracking.refusal import Malformed, TooLarge


def json_body(request: Request, *, words: frozenset[str], example: str) -> dict[str, Any]:
    """The object, if it holds nothing but these words.

    Raises
    ------
    Problem
        400 with the example if it is something else, 413 if it is too large.
    """
    try:
        body = json.loads(request.body())
    except Malformed as broken:
        raise malformed(str(broken)) from broken
    except TooLarge as large:
        raise too_large(str(large)) from large
    except (ValueError, RecursionError) as broken:
        raise malformed("the body is not JSON") from broken
    if not isinstance(body, dict) or body.keys() - words:
        raise malformed(f"the body is {example}")
    return body
