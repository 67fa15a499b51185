"""MiniStack as an empty account, to try a production deployment: ``python -m tests.support.prod_emulator PORT``.

It does not know some types of resources that production has, some attributes, and alarms on several metrics. They are
taken as given, so that all others are made.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

UNKNOWN = ("AWS::Budgets::Budget", "AWS::Pinpoint::App", "AWS::CloudFront::Function")


POOL = "AWS::Cognito::UserPool"
ALARM = "AWS::CloudWatch::Alarm"
IDENTITY = "AWS::SES::EmailIdentity"


def main() -> None:
    port = sys.argv[1]
    os.environ.update(
        {
            "GATEWAY_PORT": port,
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": "eu-central-1",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        }
    )
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app
    from ministack.services.cloudformation import provisioners

    known: dict[str, Any] = provisioners._RESOURCE_HANDLERS
    for kind in UNKNOWN:
        known.setdefault(kind, {"create": _taken_as_given, "delete": lambda *_: None})
    pools = dict(known[POOL])
    known[POOL] = pools | {"create": lambda *asked: _with_provider(*pools["create"](*asked))}
    identities = dict(known[IDENTITY])
    known[IDENTITY] = identities | {"create": lambda *asked: _with_dkim(*identities["create"](*asked))}
    alarms = dict(known[ALARM])
    known[ALARM] = alarms | {
        "create": lambda name, asked, stack: (
            _taken_as_given(name, asked, stack) if "Metrics" in asked else alarms["create"](name, asked, stack)
        )
    }
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "WARNING"
    served: Any = app
    asyncio.run(serve(served, config))


def _taken_as_given(logical_id: str, _properties: Any, stack: str) -> tuple[str, dict[str, str]]:
    return f"{stack}-{logical_id}", {"Arn": f"arn:aws:none:eu-central-1:000000000000:{logical_id}"}


def _with_provider(pool: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    return pool, attributes | {"ProviderURL": f"https://{attributes['ProviderName']}"}


def _with_dkim(identity: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    names = {f"DkimDNSTokenName{number}": f"t{number}._domainkey.{identity}" for number in (1, 2, 3)}
    values = {f"DkimDNSTokenValue{number}": f"t{number}.dkim.amazonses.com" for number in (1, 2, 3)}
    return identity, attributes | names | values


if __name__ == "__main__":
    main()
