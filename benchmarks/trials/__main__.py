"""``python -m benchmarks.trials``: the local stack under faults.

Each trial has a stack of its own. Its figures are kept in ``results.json``; ``docs/reliability.md`` shows them.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.trials.clocks import clock_trial
from benchmarks.trials.kill import kill_trial
from benchmarks.trials.letters import letters_trial
from benchmarks.trials.outage import outage_trial
from benchmarks.trials.restart import restart_trial
from benchmarks.trials.results import keep
from benchmarks.trials.soak import soak_trial
from benchmarks.trials.stack import Stack, running

TRIALS: dict[str, Callable[[Stack, argparse.Namespace], dict[str, Any]]] = {
    "kill": lambda stack, chosen: kill_trial(stack, chosen.events, chosen.messages, chosen.seed),
    "restart": lambda stack, chosen: restart_trial(stack, chosen.events, chosen.messages, chosen.seed),
    "clock": lambda stack, chosen: clock_trial(stack, chosen.events, chosen.messages),
    "letters": lambda stack, chosen: letters_trial(stack, chosen.events, chosen.messages),
    "outage": lambda stack, chosen: outage_trial(stack, "errors", chosen.events, chosen.messages),
    "silence": lambda stack, chosen: outage_trial(stack, "silence", chosen.events, chosen.messages),
    "soak": lambda stack, chosen: soak_trial(stack, chosen.minutes, chosen.seed),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials", description=__doc__)
    parser.add_argument(
        "trials",
        nargs="*",
        choices=[*TRIALS, []],
        default=list(TRIALS),
        help=f"of {', '.join(TRIALS)}; all if none is named",
    )
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the soak")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of kills")
    parser.add_argument("--home", type=Path, help="keep the stack's files here")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack ends too
    unknown = set(chosen.trials) - set(TRIALS)
    if unknown:
        parser.error(f"there is no trial {', '.join(sorted(unknown))}; there are {', '.join(TRIALS)}")
    wrong = 0
    for name in chosen.trials:
        with running(chosen.home) as stack:
            found = TRIALS[name](stack, chosen)
        print(json.dumps({name: found}, indent=1), flush=True)
        keep(name, found)
        wrong += found["wrong"]
    write_page()
    sys.exit(1 if wrong else 0)


def write_page() -> None:
    """The document with the figures of now."""
    from benchmarks import reliability

    reliability.write()


if __name__ == "__main__":
    main()
