"""What the roles of a synthesized template permit, with the names that the record of AWS calls uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.conftest import Synthesized, as_list

PREFIX = "kervan-prod-"
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "*", "AWS::AccountId": "*", "AWS::URLSuffix": "amazonaws.com"}
_NAMED = {
    "AWS::DynamoDB::Table": ("TableName", "dynamodb:table/{}"),
    "AWS::SQS::Queue": ("QueueName", "sqs:{}"),
    "AWS::Lambda::Function": ("FunctionName", "lambda:function:{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs:log-group:{}:*"),
    "AWS::S3::Bucket": ("BucketName", "s3:{}"),
    "AWS::SecretsManager::Secret": ("Name", "secretsmanager:secret:{}-*"),
}
READS = ("GetItem", "BatchGetItem", "Query")
WRITES = ("PutItem", "BatchWriteItem", "UpdateItem")
KINDS = {**{f"dynamodb:{name}": "read" for name in READS}, **{f"dynamodb:{name}": "write" for name in WRITES}}
"""Ways to read the same items are one right, and ways to write them are one: neither shows nor changes more."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One action (or kind of action) of a function on one resource, perhaps only below one word of its keys."""

    function: str
    action: str
    resource: str
    key: str = ""


def rights(template: Synthesized, function: str) -> set[Right]:
    """What the role of a function permits, each right alone. Indexes of a table count as the table."""
    found = set()
    for statement in template.statements(PREFIX + function):
        if "NotResource" in statement:
            resources = ["*"]
        else:
            resources = [named(template, one) for one in as_list(statement["Resource"])]
        for action in as_list(statement["Action"]):
            for resource in resources:
                for key in _keys(statement):
                    kind = KINDS.get(action, action)
                    found.add(Right(function, kind, resource.removesuffix("/index/*"), key))
    return found


def documents(template: Synthesized, function: str) -> Iterator[dict[str, Any]]:
    """The statements of a function's role as policies, with the record's names of resources."""
    for statement in template.statements(PREFIX + function):
        place = "NotResource" if "NotResource" in statement else "Resource"
        resources = [named(template, one) for one in as_list(statement[place])]
        yield {"Statement": [{**statement, place: resources}]}


def named(template: Synthesized, resource: Any) -> str:
    """A resource of a statement as ``dynamodb:table/catalog``, as ``neutral`` says ARNs."""
    text = _text(template, resource)
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        text = f"{parts[2]}:{parts[5]}"
    return text.replace(PREFIX, "").replace(PREFIX.rstrip("-"), "kervan").replace("hello@shop.example", "SENDER")


def _text(template: Synthesized, value: Any) -> str:
    if isinstance(value, str):
        return value
    ((how, said),) = value.items()
    if how == "Fn::Join":
        return str(said[0]).join(_text(template, part) for part in said[1])
    if how == "Fn::GetAtt" and said[1] == "StreamArn":
        return _of(template, said[0]) + "/stream/*"
    if how == "Fn::GetAtt" and said[1] == "Arn":
        return _of(template, said[0])
    if how == "Ref":
        return _PSEUDO.get(said) or _of(template, said)
    raise AssertionError(f"a statement names its resource in a way that this test does not know: {value}")


def _of(template: Synthesized, logical_id: str) -> str:
    """A resource of the template. What CloudFormation names has the logical id within its name."""
    found: Mapping[str, Any] = template.template["Resources"][logical_id]
    place = _NAMED.get(found["Type"])
    if place is None:
        return "*"
    key, form = place
    name = found.get("Properties", {}).get(key)
    if name is None:
        name = f"*{logical_id}*" if found["Type"] != "AWS::S3::Bucket" else f"*{logical_id.lower()}*"
        return re.sub(r"-\*$", "", form.format(name))
    return form.format(name)


def _keys(statement: Mapping[str, Any]) -> list[str]:
    """Words that keys must begin with: ``campaign`` stands for ``campaign`` and ``campaign#*``."""
    condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    return sorted({key.partition("#")[0] for key in condition}) if condition else [""]
