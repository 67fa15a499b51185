"""Dead letters: worked on again, as an operator does it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.trials.stack import Stack
from cli.deployment.api import quoted

ROUNDS = 20


def redrive_all(stack: Stack, letters: Mapping[str, int]) -> int:
    """What `kervan deadletters redrive` does with each queue that holds letters; how many were worked on again."""
    if not sum(letters.values()):
        return 0
    done = 0
    for _ in range(ROUNDS):
        waiting = {one["name"]: one["waiting"] for one in stack.api.get("/v1/deadletters")["queues"]}
        if not sum(waiting.values()):
            break
        for name in waiting:
            done += stack.api.post(f"/v1/deadletters/{quoted(name)}/redrive", {"limit": 25})["redriven"]
        stack.settle()
    return done
