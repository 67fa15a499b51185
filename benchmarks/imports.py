"""How long each handler takes to import, and to be ready for its first request, against a plain one in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.aws_stub import REGION
from benchmarks.rows import Row

PART = "cold start"
TARGET = 0.5
PLAIN = "benchmarks.plain_handler"
READY = {
    "functions.ingest.api": "functions.ingest.environment",
    "functions.admin.resolver": "functions.admin.environment",  # what the first request loads
    "functions.ingest.on_feedback": "functions.ingest.environment",
    "functions.segment.on_events": "functions.segment.environment",
    "functions.segment.on_due": "functions.segment.environment",
    "functions.schedule.on_customer": "functions.schedule.environment",
    "functions.schedule.on_due": "functions.schedule.environment",
    "functions.notify.on_queue": "functions.notify.environment",
}
"""Every handler, and the module whose ``environment()`` makes its clients."""

_MEASURE = """
import importlib, sys, time
module, ready = sys.argv[1:3]
started = time.process_time()
loaded = importlib.import_module(module)
imported = time.process_time()
if ready:
    before = time.process_time()
    composing = importlib.import_module(ready)
    stubbing = time.process_time()
    from shared.adapters.http_transport import HttpAnswer, HttpTransport
    secret = HttpAnswer(200, {}, b'{"SecretString": "%s"}' % (b"s" * 64))
    HttpTransport.post = lambda *_: secret
    before += time.process_time() - stubbing
    composing.environment()
else:
    before = time.process_time()
    loaded.client()
print(imported - started, imported - started + time.process_time() - before)
"""


def rows(rounds: int = 7) -> Iterator[Row]:
    """Processor time in fresh interpreters, by turns, so that a busy moment of the machine meets all alike."""
    handlers = [PLAIN, *READY]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in handlers}
    with tempfile.TemporaryDirectory() as bytecode:
        environment = environment_of(bytecode)
        for name in handlers:  # compiles everything once, ours and the packages'
            measured(name, environment)
        for _ in range(rounds):
            for name in handlers:
                found[name].append(measured(name, environment))
    plain_import, plain_ready = (_median(found[PLAIN], place) for place in (0, 1))
    yield Row(PART, "plain handler: imported", plain_import * 1000, "ms", note="boto3, pydantic, Powertools")
    yield Row(PART, "plain handler: with its client", plain_ready * 1000, "ms", note="boto3.client('dynamodb')")
    for name in READY:
        imported, ready = (_median(found[name], place) for place in (0, 1))
        short = name.removeprefix("functions.")
        note = f"{imported * 1000:.0f} ms"
        yield Row(
            PART, f"{short}: imported, of the plain one imported", imported / plain_import, "x", TARGET, note=note
        )
        note = f"{ready * 1000:.0f} ms; all its clients"
        yield Row(
            PART, f"{short}: ready, of the plain one with its client", ready / plain_ready, "x", TARGET, note=note
        )


def _median(found: list[tuple[float, float]], place: int) -> float:
    return statistics.median(one[place] for one in found)


def measured(name: str, environment: dict[str, str]) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, name, READY.get(name, "")],
        env=environment,
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    imported, ready = map(float, done.stdout.split())
    return imported, ready


def environment_of(bytecode: str) -> dict[str, str]:
    """A function's environment. ``bytecode`` is the folder that keeps compiled modules, whatever this shell forbids;
    empty: the usual one."""
    tables = (
        "CUSTOMERS",
        "TIMERS",
        "MESSAGES",
        "CATALOG",
        "METRICS",
        "CONVERSATIONS",
        "INTERESTS",
        "PRODUCTS",
        "STOCK",
        "IYS",
        "AUDIENCES",
    )
    others = ("QUEUE_EMAIL", "QUEUE_SMS", "QUEUE_PUSH", "SUPPORT_QUEUE", "ERASURES", "FAILURES", "SECRET", "IYS_QUEUE")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KERVAN_", "PYTHON"))},
        **REGION,
        **{f"KERVAN_{name}": "none" for name in (*tables, *others)},
        "KERVAN_STAGE": "bench",
        "KERVAN_CHANNEL": "email",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "PYTHONPYCACHEPREFIX": bytecode,
    }
