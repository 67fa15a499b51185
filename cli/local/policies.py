"""Whether the policies of a role permit a call, by the emulator's evaluator of AWS's rules."""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator

from cli.local.aws_calls import AwsCall

ACCOUNT = "000000000000"


def parsed(document: dict[str, Any]) -> list[Any]:
    """The statements of a policy document, for ``is_permitted``."""
    return list(iam_evaluator.parse_policy_document(document))


def is_permitted(call: AwsCall, policies: list[list[Any]]) -> bool:
    """Whether parsed policies permit a call: no statement denies it, and one allows it."""
    keys = {"dynamodb:leadingkeys": [call.key + ("x" if call.key.endswith("#") else "")]} if call.key else {}
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{call.function}/{call.function}",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=call.action,
        resource_arn=call.resource,
        region="",
        service_context=keys,
    )
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
