"""The server of the local stack: MiniStack as the embedded AWS, with routes of our own under ``/_kervan``.

Run as ``python -m cli.local.emulator HOME PORT API_PORT``; ends by SIGTERM. Listens on the loopback interface only.
AWS's services answer at PORT. At API_PORT the deployed HTTP API answers alone, without a path before its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cli.local.aws_calls import AwsCalls
    from cli.local.outage import Outage

STATE = "state"
"""The folder of the emulator's state: one file per service."""
SAVE_SECONDS = 300.0
"""How often the state is written while nothing runs: so much of a trial a crash or a power cut costs."""
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Said = tuple[int, dict[str, Any] | bytes]
"""Status, and JSON or a file."""

PUSH = "/_kervan/push"
"""Pinpoint's endpoint begins here; GET lists what was sent."""
GRAPH = "/_kervan/graph"
"""Meta's Graph API begins here; GET lists what was sent."""
IYS = "/_kervan/iys"
ADS = "/_kervan/ads"
"""Turkey's register of consent begins here; GET shows what it holds, POST citizen and outage play its part."""
ACTIVITY = "/_kervan/activity"
RETRY = "/_kervan/retry"
DIRECT = {
    "GetItem": "_get_item", "Query": "_query", "PutItem": "_put_item", "UpdateItem": "_update_item",
    "DeleteItem": "_delete_item", "BatchWriteItem": "_batch_write_item", "BatchGetItem": "_batch_get_item",
}  # fmt: skip
"""Operations of DynamoDB to the emulator's functions for them."""
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter from the others. What answers requests waits for those that read streams
many times a second; Python's own 5 ms would be most of a request."""
SAVE = "/_kervan/save"
"""Writes the whole state to the disk at once, as the end of the server does."""
FRESH = "/_kervan/fresh"
"""Ends all function processes; the next calls start new ones, with nothing remembered."""
ABOUT = "/_kervan/about"
CALLS = "/_kervan/calls"
"""Which AWS calls the functions made, and which of them their roles do not permit (``aws_calls``)."""


def settings(home: Path, port: int) -> dict[str, str]:
    """The environment of MiniStack, which it reads while it is imported."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": "eu-central-1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home / STATE),
        "S3_PERSIST": "0",
        "TMPDIR": str(home / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "",  # processes of the same code share their compiled modules (function_code)
        "DOCKER_HOST": "unix:///nonexistent",
    }


def main() -> None:
    home, port, api_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.environ.update(settings(home, port))
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.core import lambda_runtime

    from cli.local import kept_state, repairs, role_rights
    from cli.local.aws_calls import AwsCalls
    from cli.local.deploy import STACK
    from cli.local.function_processes import FunctionProcesses
    from cli.local.outage import Outage
    from cli.local.port_in_use import Taken

    taken, processes = Taken(), FunctionProcesses()
    calls, outage = AwsCalls(STACK + "-"), Outage()
    role_rights.install(calls)
    stopping = threading.Event()
    repairs.install(taken, stopping, home / "tmp" / "code", processes)
    kept_state.restore()
    config = Config()
    config.bind = [f"127.0.0.1:{port}", f"127.0.0.1:{api_port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"

    async def run() -> None:
        stop = asyncio.Event()

        def end() -> None:
            stopping.set()
            stop.set()

        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, end)
        tables, table_port = await table_server(calls, outage)
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{table_port}"  # which functions inherit
        saving = asyncio.create_task(saved_when_idle(taken.counts))
        served: Any = with_api_port(with_our_routes(app, home, taken.counts, calls, outage, port), api_port)
        await serve(served, config, shutdown_trigger=stop.wait)
        saving.cancel()
        tables.close()
        kept_state.save({})  # the emulator has written its own part
        lambda_runtime.reset()
        processes.close()
        os._exit(0)  # threads that wait for a function would wait for ever

    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.run(run())


def save() -> None:
    """Writes the state of every service; requests wait for it."""
    from ministack import app

    from cli.local import kept_state

    kept_state.save(app._build_persistence_save_dict())


async def saved_when_idle(taken: Mapping[str, int]) -> None:
    """Saves now and then, if anything happened since and nothing happens now."""
    from cli.local import activity
    from cli.local.activity_messages import PROGRESS, WORK

    last: Any = None
    while True:
        await asyncio.sleep(SAVE_SECONDS)
        now = activity.activity(taken)
        if now[PROGRESS] != last and not any(now[kind] for kind in WORK):
            save()
            last = now[PROGRESS]


async def table_server(calls: AwsCalls, outage: Outage) -> tuple[asyncio.Server, int]:
    """DynamoDB of the emulator at a port of its own (``table_port``)."""
    import orjson
    from ministack.core import responses, router
    from ministack.services import dynamodb

    from cli.local import role_rights, table_port
    from cli.local.outage import NONE

    def begin(headers: dict[str, str]) -> None:
        responses.set_request_account_id(router.extract_access_key_id(headers, {}))
        responses.set_request_region(router.extract_region(headers, {}))

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        """As the emulator does it, without making its table of a hundred operations for each request."""
        if outage.kind != NONE:
            return outage.answer()
        named = headers.get("x-amz-target", "").rpartition(".")[2]
        operation = DIRECT.get(named)
        try:
            request = orjson.loads(body)
        except ValueError:
            return await dynamodb.handle_request(method, path, headers, body, query)
        role_rights.note_table_request(calls, headers, named, request)
        if operation is None:
            return await dynamodb.handle_request(method, path, headers, body, query)
        status, said, answer = getattr(dynamodb, operation)(request)
        content = answer.encode() if isinstance(answer, str) else answer
        return status, {**said, "x-amz-crc32": str(zlib.crc32(content))}, content

    return await table_port.serve(handle, begin)


def _providers(home: Path, calls: AwsCalls, port: int) -> Callable[[Scope, Receive], Awaitable[Said | None]]:
    """Pinpoint, Meta, Google and IYS, as far as they are played here."""
    from cli.local import clock, role_rights
    from cli.local.ads import AdsCapture
    from cli.local.graph import GraphCapture
    from cli.local.graph_media import MediaCapture
    from cli.local.iys import IysCapture
    from cli.local.pinpoint import PushCapture

    push, graph = PushCapture(home / "push.ndjson"), GraphCapture(home / "graph.ndjson")
    iys = IysCapture(clock.now, home / "iys.json")
    media = MediaCapture(f"http://127.0.0.1:{port}{GRAPH}")
    ads = AdsCapture(clock.now, home / "ads.json")

    async def answer(scope: Scope, receive: Receive) -> Said | None:
        """None for a path that no provider has."""
        path, method = scope["path"], scope["method"]
        if (path, method) == (PUSH, "GET"):
            return 200, {"items": push.messages}
        if (path, method) == (GRAPH, "GET"):
            return 200, {"items": graph.messages}
        if push.serves(method, path.removeprefix(PUSH)):
            role_rights.note_push(calls, _header(scope, b"authorization"), path.removeprefix(PUSH))
            return push.send(path.removeprefix(PUSH), await _body(receive))
        if path == IYS or path.startswith(IYS + "/"):
            return iys.play(method, path.removeprefix(IYS), scope["query_string"], await _body(receive), _token(scope))
        if path == ADS or path.startswith(ADS + "/"):
            return ads.play(method, path.removeprefix(ADS), await _body(receive), _token(scope))
        if graph.serves(method, path.removeprefix(GRAPH)):
            return graph.send(path.removeprefix(GRAPH), await _body(receive), _token(scope))
        if path.startswith(GRAPH + "/"):
            kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
            return media.answer(method, path.removeprefix(GRAPH), kind, await _body(receive), _token(scope))
        return None

    return answer


def with_our_routes(app: App, home: Path, taken: Mapping[str, int], calls: AwsCalls, outage: Outage, port: int) -> App:
    """The ASGI application of the emulator with ``/_kervan`` before it; ``taken`` are records per function."""
    from ministack.core import lambda_runtime

    from cli.local import activity, repairs, role_rights
    from cli.local.outage import OUTAGE
    from cli.local.processes import PROCESSES, processes

    providers = _providers(home, calls, port)
    readings: dict[str, Callable[[], Any]] = {
        ABOUT: lambda: {"home": str(home), "pid": os.getpid()},
        ACTIVITY: lambda: activity.activity(taken),
        CALLS: lambda: role_rights.said(calls),
        PROCESSES: lambda: {"items": processes()},
    }

    async def ours(scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path in readings:
            await _answer(send, 200, readings[path]())
        elif path == RETRY and method == "POST":
            await _answer(send, 200, {"retried": activity.retry_now()})
        elif path == SAVE and method == "POST":
            save()
            await _answer(send, 200, {"saved": True})
        elif path == FRESH and method == "POST":
            await asyncio.to_thread(lambda_runtime.reset)
            await _answer(send, 200, {"fresh": True})
        elif path == OUTAGE and method == "POST":
            await _answer(send, 200, outage.begin(scope["query_string"].decode().partition("kind=")[2]))
        elif (said := await providers(scope, receive)) is not None:
            status, content = said
            if isinstance(content, bytes):
                await _send(send, status, content, "application/octet-stream")
            else:
                await _answer(send, status, content)
        else:
            await _picture(send, path)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"].startswith("/_kervan/"):
                await ours(scope, receive, send)
                return
            repairs.compressed.set(any(name == b"content-encoding" for name, _value in scope["headers"]))
        await app(scope, receive, send)

    return wrapped


def with_api_port(app: App, api_port: int) -> App:
    """The application with the HTTP API at the root of a port of its own, whatever path is asked for there."""
    from cli.local import deploy

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["server"][1] == api_port:
            prefix = deploy.api_path()
            if prefix is None:
                message = "nothing is deployed yet: wait until `make run` is done"
                await _answer(send, 503, {"error": "not_deployed", "message": message})
                return
            scope = {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]}
        await app(scope, receive, send)

    return wrapped


async def _picture(send: Send, path: str) -> None:
    """A picture of the demo's shop, which does not exist; 404 for every other path."""
    from cli.preview import pictures

    found = pictures.content(path.removeprefix(pictures.SERVED).removesuffix(".png"))
    if found:
        await _send(send, 200, found, "image/png")
    else:
        await _answer(send, 404, {"error": "not_found", "message": f"nothing is served at {path}"})


async def _answer(send: Send, status: int, content: Any) -> None:
    await _send(send, status, json.dumps(content, ensure_ascii=False).encode(), "application/json")


async def _send(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _token(scope: Scope) -> str:
    """What stands behind ``Bearer``; empty if nothing does."""
    found = _header(scope, b"authorization")
    return found.removeprefix("Bearer ").strip() if found.startswith("Bearer ") else ""


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


if __name__ == "__main__":
    main()
