"""Errors and bodies that quote what somebody sent, as the libraries and senders of production make them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

import boto3
import msgspec
from botocore.exceptions import ClientError

from shared.domain.conversations.jobs import Outcome, outcome_job
from shared.domain.deadletters.repair import CustomerChange, RepairTask
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.messages.request import SendRequest

ADDRESS = "ayse.canary@example.com"
"""The value of a person that must be found nowhere."""


class Shown(msgspec.Struct):
    channel: Literal["email"]


@cache
def _client() -> Any:
    return boto3.client("dynamodb", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


def _pydantic() -> None:
    SendRequest.model_validate_json(json.dumps({"channel": ADDRESS}))


def _msgspec() -> None:
    msgspec.json.decode(json.dumps({"channel": ADDRESS}), type=Shown)


def _botocore() -> None:
    _client().get_item(TableName="customers", Key={"pk": ADDRESS})


def _refused() -> None:
    raise ClientError({"Error": {"Code": "ValidationException", "Message": f"bad key {ADDRESS}"}}, "PutItem")


def _number() -> None:
    int(ADDRESS)


def _key() -> None:
    dict[str, str]()[ADDRESS]


def _time() -> None:
    datetime.fromisoformat(ADDRESS)


def _zone() -> None:
    ZoneInfo(ADDRESS)


def _chained() -> None:
    try:
        int(ADDRESS)
    except ValueError as broken:
        raise RuntimeError(f"cannot read {ADDRESS}") from broken


def _network() -> None:
    raise ConnectionError(f"GET https://shop.example/hook?email={ADDRESS} failed")


ERRORS: Mapping[str, Callable[[], None]] = {
    "pydantic": _pydantic,
    "msgspec": _msgspec,
    "botocore checks": _botocore,
    "AWS refuses": _refused,
    "a number": _number,
    "a key": _key,
    "a time": _time,
    "a time zone": _zone,
    "chained": _chained,
    "the network": _network,
}
"""Each raises an error whose text quotes the address."""

BODIES: tuple[str, ...] = (
    f'{{"email": "{ADDRESS}"',  # cut off
    json.dumps([ADDRESS]),
    json.dumps(ADDRESS),
    json.dumps({ADDRESS: ADDRESS}),
    json.dumps(dict.fromkeys(("erasure", "dry_run", "task", "kind", "who", "text", "home", "pk"), ADDRESS)),
    json.dumps({"copy": {"of": ADDRESS}, "homes": ADDRESS, "levels": ADDRESS, "timers": ADDRESS, "about": ADDRESS}),
    json.dumps(
        {"detail": {"mail": {"destination": [ADDRESS], "tags": ADDRESS}, "eventType": ADDRESS}, "detail-type": 1}
    ),
    json.dumps(
        {"Message": json.dumps({"originationNumber": ADDRESS, "messageBody": ADDRESS, "inboundMessageId": "1"})}
    ),
    json.dumps({"Message": f"{{{ADDRESS}"}),
    json.dumps({"channel": "email", "address": ADDRESS, "message_id": ADDRESS, "enrollment": ADDRESS}),
    json.dumps({"retention": ADDRESS, "change": {"pk": {"S": ADDRESS}}, "new": ADDRESS}),
    "\x00" + ADDRESS,
    '{"a":' * 3_000 + f'"{ADDRESS}"',
)
"""Bodies of queues that no function can work on."""
_KEY = IdentifierKeys(b"k" * 32)(parse_identifier(f"email:{ADDRESS}"))
_MAIL = {"action": {"bucketName": "bucket", "objectKey": "mail/m1"}}
TASKS: tuple[str, ...] = (
    json.dumps({"homes": [_KEY]}),
    json.dumps({"due": True}),
    json.dumps({"erasure": "20261130T120000Z-1"}),
    json.dumps({"copy": "20261130T120000Z-1"}),
    json.dumps({"dry_run": "20261130T120000Z-1"}),
    RepairTask(customers=(_KEY,), logs=(_KEY,)).body(),
    CustomerChange(new={"pk": {"S": _KEY}, "sk": {"S": "customer"}, "version": {"N": "1"}}).body(),
    json.dumps({"about": "back", "product": "p1", "episode": 1, "shard": -1}),
    json.dumps({"kind": "shop-items", "connector": ADDRESS}),
    json.dumps({"notificationType": "Received", "mail": {"timestamp": "2026-11-30T12:00:00Z"}, "receipt": _MAIL}),
    json.dumps({"detail-type": ADDRESS, "detail": {"mail": {"destination": [ADDRESS]}, "eventType": "Bounce"}}),
    json.dumps({"Message": json.dumps({"originationNumber": ADDRESS, "messageBody": "STOP", "inboundMessageId": "1"})}),
    outcome_job(Outcome("m1", "failed", "stale")),
    SendRequest(
        home=_KEY,
        enrollment="1",
        journey="j",
        release=1,
        step="s",
        template="t",
        purpose="marketing",
        channels=("email",),
        due_ms=1,
        fresh_until_ms=2,
        clock_ms=1,
    ).model_dump_json(exclude_none=True),
)
"""Messages that functions take; each for one of them."""
ITEMS: tuple[dict[str, Any], ...] = (
    {"pk": {"S": "u.x"}, "sk": {"S": "t#broken"}, "name": {"S": ADDRESS}, "data": {"S": f'{{"who": ["{ADDRESS}"'}},
    {"pk": {"S": "u.x"}, "sk": {"S": "t#broken"}, "name": {"S": "A"}, "data": {"S": json.dumps({"who": [ADDRESS]})}},
    {"pk": {"S": "u.x"}, "sk": {"S": "t#broken"}, "name": {"S": "A"}, "data": {"B": "AAEC"}, "more": {"S": ADDRESS}},
    {"pk": {"S": "u.x"}, "sk": {"S": "customer"}, "version": {"S": ADDRESS}, "state": {"S": ADDRESS}},
    {"pk": {"S": "u.x"}, "sk": {"S": "enrollment#1"}, "state": {"S": ADDRESS}, "trigger": {"S": ADDRESS}},
    {"pk": {"S": "m"}, "sk": {"S": "message"}, "state": {"S": ADDRESS}, "text": {"S": ADDRESS}},
    {"pk": {"S": "m"}, "sk": {"S": "message"}, "state": {"S": "SENT"}, "at": {"S": ADDRESS}},
    {"pk": {"S": "sku"}, "sk": {"S": "level#kadikoy"}, "version": {"N": "1"}, "entries": {"S": ADDRESS}},
    {"pk": {"S": "u.x"}, "sk": {"S": "customer"}, "version": {"N": "1"}, "note": {"S": ADDRESS}},
)
"""Stored items that are broken, as a stream tells them. Their keys hold no value."""
