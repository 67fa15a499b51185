"""The line of the log that leads from a request to the events that it stored."""

from __future__ import annotations

import logging

from functions.ingest.service import Taken
from shared.http.request import Request

log = logging.getLogger("kervan.ingest")


def log_stored(request: Request, taken: Taken) -> None:
    """Ids only; no line for a request that stored nothing."""
    if taken.traces:
        log.info("request %s stored events %s", request.id, " ".join(taken.traces))
