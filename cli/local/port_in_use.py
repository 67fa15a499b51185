"""How many records each function of the local stack has taken, so that who waits can tell slow from stuck."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

Execute = Callable[[Any, Any], dict[str, Any]]


class Taken:
    """Counts only grow. A schedule's calls bring no records: that a minute went by is no progress."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def counting(self, execute: Execute) -> Execute:
        """The executor, with the records counted of every call that took all of them."""

        def counted(func: Any, event: Any) -> dict[str, Any]:
            result = execute(func, event)
            records = event.get("Records") if isinstance(event, dict) else None
            if records and not result.get("error") and not _refused(result):
                self.counts[(func.get("config") or func)["FunctionName"]] += len(records)
            return result

        return counted


def _refused(result: dict[str, Any]) -> bool:
    body = result.get("body")
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return False
    return isinstance(body, dict) and bool(body.get("batchItemFailures"))
