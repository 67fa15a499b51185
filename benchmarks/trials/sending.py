"""Sends requests as an SDK does: what is answered with 429 or 5xx, or not at all, is sent again until it is taken."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.trials.shoppers import Request

SECONDS = 40.0
"""Longer than the HTTP API itself waits (30 s)."""
PAUSE = 1.0
NO_ANSWER = 0


@dataclass
class Sent:
    """What the senders heard."""

    accepted: set[str] = field(default_factory=set)
    """Ids of events that were answered with 200."""
    rejected: list[Any] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    """Requests by status; 0 is no answer."""
    retry_after: Counter[str] = field(default_factory=Counter)
    """Of the refused requests, what the header said."""
    slowest: float = 0.0
    """Seconds that one answer took at most."""


class Sender:
    """Keeps sending from several threads; `stop` ends it after the requests that are under way."""

    def __init__(self, endpoint: str, keys: dict[str, str]) -> None:
        self._address = urlsplit(endpoint)
        self._keys = keys
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.sent = Sent()

    def send(self, requests: Iterable[Request], *, threads: int = 4) -> None:
        """Returns when all are accepted, or after `stop`."""
        source = iter(requests)

        def work() -> None:
            while not self._stopped.is_set():
                with self._lock:
                    request = next(source, None)
                if request is None:
                    return
                self._until_taken(request)

        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(work) for _ in range(threads)]:
                done.result()

    def stop(self) -> None:
        self._stopped.set()

    def _until_taken(self, request: Request) -> None:
        while not self.once(request) and not self._stopped.is_set():
            time.sleep(PAUSE)

    def once(self, request: Request) -> bool:
        """One attempt; whether it was taken."""
        began = time.monotonic()
        status, headers, said = self._post(request)
        took = time.monotonic() - began
        with self._lock:
            self.sent.answers[status] += 1
            self.sent.slowest = max(self.sent.slowest, took)
            if status == 200:
                refused = said.get("rejected") or []
                self.sent.rejected += refused
                if not refused:
                    self.sent.accepted |= request.ids
            elif status != NO_ANSWER:
                self.sent.retry_after[headers.get("retry-after", "")] += 1
        return status == 200

    def _post(self, request: Request) -> tuple[int, dict[str, str], dict[str, Any]]:
        key = base64.b64encode(f"{self._keys[request.source]}:".encode()).decode()
        headers = {"content-type": "application/json", "authorization": f"Basic {key}"}
        body = json.dumps({"batch": request.events, "sentAt": request.events[-1]["timestamp"]}).encode()
        connection = http.client.HTTPConnection(self._address.netloc, timeout=SECONDS)
        try:
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            found = json.loads(text) if text else {}
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, found
        except (OSError, http.client.HTTPException, ValueError):
            return NO_ANSWER, {}, {}
        finally:
            connection.close()
