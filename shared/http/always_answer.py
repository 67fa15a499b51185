"""The outermost layer of a function behind the HTTP API: every outcome is an answer."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from shared.http.answers import Answer, Problem, unavailable
from shared.http.edge import edge_key, from_edge
from shared.http.request import Request, read_request
from shared.ports import Throttled


def always_answer(event: Mapping[str, Any], route: Callable[[Request], Answer], log: logging.Logger) -> Answer:
    """Answer one Lambda event; no exception leaves, and nothing that was sent is logged.

    A table that does not keep up, or a failure of our own, is answered with 503: the sender sends it again.
    """
    try:
        return route(from_edge(read_request(event), edge_key()))
    except Problem as problem:
        return problem.answer()
    except Throttled:
        log.warning("throttled")
        return unavailable().answer()
    except Exception as failure:  # noqa: BLE001 - what was not made durable is sent again, whatever the reason
        where = traceback.extract_tb(failure.__traceback__)[-1]  # not its text: that may hold what was sent
        log.error("failed with %s at %s:%s", type(failure).__name__, where.filename, where.lineno)
        return unavailable().answer()
