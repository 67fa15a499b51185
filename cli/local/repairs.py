"""Where MiniStack differs from AWS in a way that loses data, it is put right here.

1. A compressed request body with a text content type reaches the function base64-encoded, not decoded as text.
2. A stream function's ``batchItemFailures``, its mapping's ``MaximumRetryAttempts`` and bisecting are honoured, its
   batches are filled with records that pass the filter, and ``ParallelizationFactor`` batches of different items run
   side by side.

What makes it slow is put right too: expressions are parsed once, key conditions not at all
(``key_conditions``), plain queries are answered at once (``fast_query``), the code of functions is unpacked and
compiled once (``function_code``), their processes are forked from one that has imported what they share
(``function_processes``), and a call that logs nothing is over when its answer is there (``function_logs``).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, dynamodb, lambda_svc

from cli.local.fast_query import with_fast_query
from cli.local.function_code import sharing
from cli.local.function_logs import logged
from cli.local.function_processes import FunctionProcesses, forking
from cli.local.key_conditions import with_fast_keys
from cli.local.port_in_use import Execute, Taken
from cli.local.stream_batches import stream_aware

compressed: ContextVar[bool] = ContextVar("compressed", default=False)
"""True while a request with a Content-Encoding is served."""

MOST_EXPRESSIONS = 1_000
READ = 10
"""Records read for one that fits into a batch: the emulator filters after it has counted, which makes batches tiny."""


def install(taken: Taken, stopping: threading.Event, code: Path, processes: FunctionProcesses) -> None:
    """Puts the repairs into this process, and counts what functions take; call once, before the server starts. The code
    of functions is unpacked below ``code``, and runs in ``processes``.

    Once ``stopping`` is set no function is called any more, and none returns: what it was given counts as not done, so
    that the state that is saved then is whole.
    """
    lambda_runtime.zipfile = sharing(code)
    lambda_runtime.Worker._drain_stderr_bounded = logged
    lambda_runtime.subprocess = forking(processes)
    is_text = apigateway._v2_request_body_is_text
    apigateway._v2_request_body_is_text = lambda kind: not compressed.get() and is_text(kind)
    since = dynamodb.stream_records_since
    dynamodb.stream_records_since = lambda table, position, limit, **where: since(
        table, position, limit * READ, **where
    )
    dynamodb._condition_syntax_error = functools.lru_cache(MOST_EXPRESSIONS)(dynamodb._condition_syntax_error)
    dynamodb._tokenize = tokens_kept(dynamodb._tokenize)
    dynamodb._evaluate_condition = with_fast_keys(dynamodb._evaluate_condition)
    dynamodb._query = with_fast_query(dynamodb._query, dynamodb._tables.get)
    lambda_svc._execute_function = stream_aware(
        taken.counting(held_while(stopping, lambda_svc._execute_function)), _mapping_of, _give_up
    )


def held_while(stopping: threading.Event, execute: Execute) -> Execute:
    """The executor, but who calls it while the server stops waits for its end."""

    def held(func: Any, event: Any) -> dict[str, Any]:
        if not stopping.is_set():
            result = execute(func, event)
            if not stopping.is_set():
                return result
        threading.Event().wait()
        raise AssertionError("nobody ends this wait")

    return held


def tokens_kept(tokenize: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    """The emulator's tokenizer of expressions, of which there are a few dozen; callers may change what they get."""
    known = functools.lru_cache(MOST_EXPRESSIONS)(lambda text: tuple(tokenize(text)))
    return lambda text: list(known(text))


def _mapping_of(func: dict[str, Any], source: str) -> dict[str, Any] | None:
    name = (func.get("config") or func).get("FunctionName")
    for _account, _region, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == source and mapping.get("FunctionName") == name:
            return dict(mapping)
    return None


def _give_up(*details: Any) -> None:
    lambda_svc._send_ddb_stream_failure_record(*details)
