"""Bytes that go to CloudWatch Logs for a request: our own lines as Lambda writes them, and the access log's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

REQUEST = "Jx2k1hQRFiAEMVg="
"""An id as the HTTP API gives a request."""
INVOCATION = "79b4f56e-95b1-4643-9700-2807f4e68189"
ACCESS_LINE = {
    "requestId": REQUEST,
    "time": "30/Nov/2026:10:02:03 +0000",
    "method": "POST",
    "status": "200",
    "responseBytes": "42",
    "responseMs": "23",
    "functionMs": "21",
    "error": "-",
    "functionError": "-",
}
"""The access log of a request that was accepted: `infra/api.py` says what it holds."""
ACCESS_BYTES = len(json.dumps(ACCESS_LINE))


class LogLines(logging.Handler):
    """Counts the bytes of each record in the form of Lambda's JSON logs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.bytes = 0

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "timestamp": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": INVOCATION,
        }
        self.bytes += len(json.dumps(line))


@contextmanager
def counted(logger: str) -> Iterator[LogLines]:
    """The lines that this logger writes meanwhile, at the level of production; they are shown nowhere."""
    log, lines = logging.getLogger(logger), LogLines()
    level, shown = log.level, log.propagate
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield lines
    finally:
        log.removeHandler(lines)
        log.setLevel(level)
        log.propagate = shown
