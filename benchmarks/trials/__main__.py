"""``python -m benchmarks.trials``: the local stack under faults.

Each trial has a stack of its own. Its figures are kept in ``results.json``; ``docs/reliability.md`` shows them.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from benchmarks.trials.kill import kill_trial
from benchmarks.trials.stack import running

RESULTS = Path(__file__).resolve().parent / "results.json"
TRIALS = ("kill",)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials", description=__doc__)
    parser.add_argument("trials", nargs="*", default=list(TRIALS), help=f"of {', '.join(TRIALS)}; all if none is named")
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the soak")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of kills")
    parser.add_argument("--home", type=Path, help="keep the stack's files here")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack ends too
    for name in chosen.trials:
        with running(chosen.home) as stack:
            found = kill_trial(stack, chosen.events, chosen.messages, chosen.seed)
        print(json.dumps({name: found}, indent=1))


def keep(name: str, found: dict[str, Any]) -> None:
    """Beside the figures of the other trials."""
    held = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**held, name: found}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
