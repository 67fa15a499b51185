"""The processes in which the functions of the local stack run."""

from __future__ import annotations

from typing import Any

from ministack.core import lambda_runtime

PROCESSES = "/_kervan/processes"


def processes() -> list[dict[str, Any]]:
    """Each living process: the function, its number, and whether it works on something now."""
    found = []
    for entries in list(lambda_runtime._workers.values()):
        for worker in list(entries):
            process = worker._proc
            if process is not None and process.poll() is None:
                found.append({"function": worker.func_name, "pid": process.pid, "busy": bool(worker.in_use)})
    return found
