"""``POST /v1/hooks/iys``: changes that people made at Turkey's register of consent, pushed as they happen.

The body has IYS's own form of a change, as its list of changes has it (docs/iys.md#push).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.iys.tasks import changes_tasks, refusals_tasks
from shared.domain.iys.wire import UnreadableAnswer, is_call, read_change, read_json, read_withdrawal
from shared.http.answers import Answer, answer, malformed, unauthorized
from shared.http.request import Request
from shared.http.request_body import body_of
from shared.ports import Queue

IYS = "iys"
MOST = 1_000
LEAST_TOKEN = 16
"""Letters: a short token can be guessed."""


@dataclass(frozen=True, slots=True)
class IysHooks:
    """``secrets`` has the ``token`` that callers bring behind ``Bearer``."""

    secrets: Mapping[str, str]
    queue: Callable[[], Queue]

    def receive(self, request: Request) -> Answer:
        """Queue the changes; durable when it answers, so that a caller without an answer sends them again.

        Raises
        ------
        Problem
            401 whatever is wrong with the token; 400 for a body that is none.
        """
        token = self.secrets.get("token", "")
        brought = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if len(token) < LEAST_TOKEN or not hmac.compare_digest(token.encode(), brought.encode("utf-8", "replace")):
            raise unauthorized("the token of the register of consent is not right")
        rows = _rows(body_of(request))
        read = [change for row in rows if (change := read_change(row)) is not None]
        broken = [row for row in rows if not is_call(row) and read_change(row) is None]
        refusals = [change for row in broken if (change := read_withdrawal(row)) is not None]
        if read or refusals:
            self.queue().send_many([*changes_tasks(read), *refusals_tasks(refusals)])
        return answer({"accepted": len(read), "unreadable": len(rows) - len(read)})


def _rows(body: bytes) -> list[Any]:
    try:
        said = read_json(body)
    except UnreadableAnswer as broken:
        raise malformed("the body is no JSON") from broken
    rows = said.get("list", [said]) if isinstance(said, dict) else said
    if not isinstance(rows, list) or len(rows) > MOST:
        raise malformed(f'the body is one change, a list of changes, or {{"list": [...]}}, {MOST} at most')
    return rows
