"""MiniStack as an empty account, to try a production deployment: ``python -m tests.support.prod_emulator PORT``.

AWS's services answer at PORT, and the deployed HTTP API, when there is one, at PORT + 1. Functions run with the code of
this folder and the packages of this machine: what is deployed is made for Lambda's processor.

It does not know some types of resources that production has, some attributes, and alarms on several metrics. They are
taken as given, so that all others are made.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

UNKNOWN = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Pinpoint::App",
    "AWS::WAFv2::IPSet",
)


API = "AWS::ApiGatewayV2::Api"
POOL = "AWS::Cognito::UserPool"
ALARM = "AWS::CloudWatch::Alarm"
IDENTITY = "AWS::SES::EmailIdentity"
PREFIX = "kervan-prod-"


def main() -> None:
    port = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="kervan-prod-") as home:
        serve_in(Path(home), port)


def serve_in(home: Path, port: int) -> None:
    """Serve until the process is ended; what functions need on disk is in ``home``."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": "eu-central-1",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
            "TMPDIR": str(home),
        }
    )
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.services import apigateway

    from cli.local import emulator, function_code, repairs, role_rights
    from cli.local.aws_calls import AwsCalls
    from cli.local.function_processes import FunctionProcesses
    from cli.local.outage import Outage
    from cli.local.port_in_use import Taken

    calls, taken, processes = AwsCalls(PREFIX), Taken(), FunctionProcesses()
    role_rights.install(calls)
    repairs.install(taken, threading.Event(), home / "code", processes)
    code = _own_code(home)

    def unpacked(archive: Path, folder: Path) -> Path:
        """In place of ``archive`` and ``folder``, whose packages are for another processor."""
        return code

    function_code.unpacked = unpacked
    _know(f"http://127.0.0.1:{port + 1}")
    ours = emulator.with_our_routes(app, home, taken.counts, calls, Outage(), port)

    async def served(scope: emulator.Scope, receive: emulator.Receive, send: emulator.Send) -> None:
        """At the second port, the API alone, as at an address of its own."""
        if scope["type"] == "http" and scope["server"][1] == port + 1 and apigateway._apis:
            path = f"/_aws/execute-api/{next(iter(apigateway._apis))}/$default"
            scope = {**scope, "path": path + scope["path"], "raw_path": path.encode() + scope["raw_path"]}
        await ours(scope, receive, send)

    config = Config()
    config.bind = [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]
    config.loglevel = "WARNING"
    application: Any = served
    try:
        asyncio.run(serve(application, config))
    finally:
        processes.close()


def _own_code(home: Path) -> Path:
    """The functions' code without packages, in place of what is unpacked from a deployed archive."""
    from infra.bundle import function_code

    return function_code(bundled=False, build=home)


def _know(endpoint: str) -> None:
    """Teach CloudFormation's part of the emulator what it does not know. ``endpoint`` is where the API answers."""
    from ministack.services.cloudformation import provisioners

    known: dict[str, Any] = provisioners._RESOURCE_HANDLERS
    for kind in UNKNOWN:
        known.setdefault(kind, {"create": _taken_as_given, "delete": lambda *_: None})
    pools, identities, alarms, apis = (dict(known[kind]) for kind in (POOL, IDENTITY, ALARM, API))
    known[POOL] = pools | {"create": lambda *asked: _with_provider(*pools["create"](*asked))}
    known[IDENTITY] = identities | {"create": lambda *asked: _with_dkim(*identities["create"](*asked))}
    known[ALARM] = alarms | {
        "create": lambda name, asked, stack: (
            _taken_as_given(name, asked, stack) if "Metrics" in asked else alarms["create"](name, asked, stack)
        )
    }
    known[API] = apis | {"create": lambda *asked: _answering_at(endpoint, *apis["create"](*asked))}


def _taken_as_given(logical_id: str, _properties: Any, stack: str) -> tuple[str, dict[str, str]]:
    return f"{stack}-{logical_id}", {"Arn": f"arn:aws:none:eu-central-1:000000000000:{logical_id}"}


def _with_provider(pool: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    return pool, attributes | {"ProviderURL": f"https://{attributes['ProviderName']}"}


def _with_dkim(identity: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    names = {f"DkimDNSTokenName{number}": f"t{number}._domainkey.{identity}" for number in (1, 2, 3)}
    values = {f"DkimDNSTokenValue{number}": f"t{number}.dkim.amazonses.com" for number in (1, 2, 3)}
    return identity, attributes | names | values


def _answering_at(endpoint: str, api: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    return api, attributes | {"ApiEndpoint": endpoint}


if __name__ == "__main__":
    main()
