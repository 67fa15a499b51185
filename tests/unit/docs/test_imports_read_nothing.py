"""Modules of ``shared`` read neither environment nor time nor chance while they are imported.

The local stack imports them once for the processes of all functions (``cli/local/fork_server.py``); AWS may do the
same with snapshots of functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
SHARED = Path(__file__).resolve().parents[3] / "shared"
STATE = frozenset({"environ", "environb"})
CALLS = frozenset({
    "getcwd", "getenv", "getpid", "getrandbits", "monotonic", "now", "perf_counter", "randbytes", "time", "time_ns",
    "today", "token_bytes", "token_hex", "token_urlsafe", "urandom", "utcnow", "uuid1", "uuid4", "uuid7",
})  # fmt: skip
WORTH_PARSING = re.compile(rf"\b({'|'.join(sorted(STATE))})\b|\b({'|'.join(sorted(CALLS - {'time'}))}|time\.time)\(")


def evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and child in node.body:
            continue
        if isinstance(node, ast.Lambda) and child is node.body:
            continue
        yield child
        yield from evaluated(child)


def reads(text: str) -> list[str]:
    """What a module reads of its surroundings while it is imported, with lines."""
    if not WORTH_PARSING.search(text):
        return []
    found = []
    for node in evaluated(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in STATE:
            found.append(f"{node.lineno}: {node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            found += [f"{node.lineno}: {name.name}" for name in node.names if name.name in STATE]
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            dated = isinstance(node.func, ast.Name) and called == "time"  # datetime.time makes a value of its arguments
            if called in CALLS and not dated:
                found.append(f"{node.lineno}: {called}")
    return found


def test_modules_that_functions_share_read_nothing_while_imported() -> None:
    """What one process would find there, all would."""
    found = {
        str(file.relative_to(SHARED)): lines
        for file in sorted(SHARED.rglob("*.py"))
        if (lines := reads(file.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import os\nSTAGE = os.environ['STAGE']", ["2: environ"]),
        ("import os\ndef stage(name=os.getenv('STAGE')):\n    return name", ["2: getenv"]),
        ("import time\nclass Clock:\n    began = time.time()", ["3: time"]),
        ("from datetime import datetime\nNOW = lambda at=datetime.now(): at", ["2: now"]),
        ("from os import environ", ["1: environ"]),
        ("from os import getenv\nSTAGE = getenv('STAGE')", ["2: getenv"]),
        ("import time\nKEPT = Kept(time.monotonic)", []),
        ("import os\ndef stage():\n    return os.environ['STAGE']", []),
        ("import os\nSTAGE = lambda: os.environ['STAGE']", []),
        ("from datetime import time\nNOON = time(12)", []),
    ],
)
def test_what_runs_at_import_is_told_from_what_runs_later(text: str, found: list[str]) -> None:
    """Defaults of arguments and bodies of classes run at import, bodies of functions do not."""
    assert reads(text) == found
