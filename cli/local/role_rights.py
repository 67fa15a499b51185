"""Writes down what functions of the local stack ask of AWS, and holds it against the roles that were deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parseaddr
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, responses
from ministack.services import lambda_svc, s3

from cli.local.aws_calls import AwsCall, AwsCalls, access_key_of, table_calls
from cli.local.policies import is_permitted

Pairs = set[tuple[str, str, str]]
BATCHES = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
"""Operations that AWS authorizes as another one."""


def install(calls: AwsCalls) -> None:
    """Give each function an access key that is its name, and note what comes in with it; call once."""
    credentials = lambda_runtime.execution_credentials

    def named(config: dict[str, Any]) -> dict[str, str]:
        return {**credentials(config), "AWS_ACCESS_KEY_ID": config["FunctionName"]}

    lambda_runtime.execution_credentials = named
    dispatch, enforce_ses = app._dispatch_service_request, app._enforce_ses_v2

    async def dispatched(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> Any:
        if (key := access_key_of(headers)).startswith(calls.prefix):
            routing = app._routing_params(method, path, headers, body, query)
            service = app.detect_service(method, path, headers, routing)
            calls.note(key, _calls(service, method, path, headers, body, routing))
        return await dispatch(method, path, headers, body, query, request_id)

    def enforced(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> Any:
        if (key := access_key_of(headers)).startswith(calls.prefix):
            calls.note(key, _calls("ses", method, path, headers, body, query))
        return enforce_ses(method, path, headers, body, query, request_id)

    app._dispatch_service_request = dispatched
    app._enforce_ses_v2 = enforced
    _know_links(calls.prefix)


def _know_links(prefix: str) -> None:
    """Links to files that a function signed are good: its key has the account's secret, as before it had a name."""
    resolve = s3.resolve_credential

    def resolved(access_key: str, account: str, *rest: Any) -> Any:
        return resolve(account if access_key.startswith(prefix) else access_key, account, *rest)

    s3.resolve_credential = resolved


def note_table_request(calls: AwsCalls, headers: Mapping[str, str], operation: str, request: Mapping[str, Any]) -> None:
    """Note a request that comes in at the port of the tables (``table_port``)."""
    key = access_key_of(headers)
    if key.startswith(calls.prefix):
        calls.note(key, table_calls(operation, request, _table_arn))


def note_push(calls: AwsCalls, authorization: str, path: str) -> None:
    """Note a request to Pinpoint, which the stack plays itself; the path is ``/v1/apps/ID/messages``."""
    place = f"arn:aws:mobiletargeting:{responses.get_region()}:{responses.get_account_id()}"
    resource = f"{place}:{path.removeprefix('/v1/')}"
    calls.note(access_key_of({"authorization": authorization}), {("mobiletargeting:SendMessages", resource, "")})


def said(calls: AwsCalls) -> dict[str, Any]:
    """The calls in order, and those of them that the role of their function does not permit."""
    made = sorted(calls.made)
    return {
        "calls": [_listed(call) for call in made],
        "denied": [_listed(call) for call in made if not permitted(call)],
    }


def permitted(call: AwsCall) -> bool:
    """Whether the deployed role of a function permits a call."""
    function = lambda_svc._functions.get(call.function)
    if function is None:
        return False
    role = function["config"]["Role"].rsplit("/", 1)[-1]
    statements = iam_evaluator._gather_role_policies(role, responses.get_account_id())
    return is_permitted(call, [[_with_arns(one) for one in some] for some in statements])


def _with_arns(statement: Any) -> Any:
    """A statement about a secret: the emulator says its name where AWS says its ARN."""
    named = [one if one == "*" or one.startswith("arn:") else f"arn:aws:secretsmanager:*:*:secret:{one}-*"
             for one in statement.resources]  # fmt: skip
    return replace(statement, resources=named)


def _calls(service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Pairs:
    """Action, resource and key of a request at the emulator's own port."""
    region, account = app.extract_region(headers), responses.get_account_id()
    if service == "dynamodb":
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        return table_calls(operation, json.loads(body or b"{}"), _table_arn)
    if service == "ses" and path.endswith("/outbound-emails"):
        return _sending(json.loads(body or b"{}"), region, account)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
    if action is None:
        return {(f"{service}:?", path, "")}
    resource = iam_actions.extract_resource_arn(service, method, path, headers, body, query, region, account)
    found = {(action, resource)}
    if service == "s3":
        found |= {(one[0], one[1]) for one in iam_actions.s3_additional_checks(method, path, headers, body, query)}
    return {(BATCHES.get(action, action), _without_key(resource), "") for action, resource in found}


def _sending(mail: dict[str, Any], region: str, account: str) -> Pairs:
    """SES asks for the right on the identity of the sender and on the configuration set."""
    address = parseaddr(str(mail.get("FromEmailAddress", "")))[1]
    named = [f"identity/{address}"]
    if mail.get("ConfigurationSetName"):
        named.append(f"configuration-set/{mail['ConfigurationSetName']}")
    return {("ses:SendEmail", f"arn:aws:ses:{region}:{account}:{one}", "") for one in named}


def _without_key(resource: str) -> str:
    """An object's ARN up to the first folder: names of objects are not kept."""
    if not resource.startswith("arn:aws:s3:::"):
        return resource
    bucket, _, key = resource.partition("/")
    return f"{bucket}/{key.partition('/')[0]}/x" if "/" in key else resource


def _table_arn(table: str) -> str:
    return f"arn:aws:dynamodb:{responses.get_region()}:{responses.get_account_id()}:table/{table}"


def _listed(call: AwsCall) -> list[str]:
    return [call.function, call.action, call.resource, call.key]
