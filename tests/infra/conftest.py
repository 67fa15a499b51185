"""Templates of each stage, synthesized once per run, without bundling: they hold names and rights, not packages."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.context import read_context
from infra.stack import KervanStack

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Synthesized:
    """A template, asked by type and physical name, so that no test names a hashed logical id."""

    template: Mapping[str, Any]
    nested: Mapping[str, Mapping[str, Any]]
    """The templates of nested stacks, by the name of each in the stack."""

    def resources(self, kind: str) -> list[Mapping[str, Any]]:
        """All resources of a type, whole, those of alarms in their own stack included."""
        alarms = self.nested.get("AlarmStack", {"Resources": {}})
        every = [*self.template["Resources"].values(), *alarms["Resources"].values()]
        return [resource for resource in every if resource["Type"] == kind]

    def properties(self, kind: str) -> list[Properties]:
        """The properties of all resources of a type."""
        return [resource["Properties"] for resource in self.resources(kind)]

    def logical_id(self, kind: str, key: str, name: str) -> str:
        """The id of the one resource of a type whose property has this value."""
        found = [
            logical_id
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] == kind and resource["Properties"].get(key) == name
        ]
        assert len(found) == 1, f"{kind} with {key}={name}: {found}"
        return str(found[0])

    def functions(self) -> dict[str, Properties]:
        """Functions by physical name."""
        return {found["FunctionName"]: found for found in self.properties("AWS::Lambda::Function")}

    def environment(self, name: str) -> Mapping[str, Any]:
        """The environment of a function."""
        variables: Mapping[str, Any] = self.functions()[name]["Environment"]["Variables"]
        return variables

    def statements(self, function: str) -> list[Mapping[str, Any]]:
        """What a function's role may do. What is too much for one policy overflows into a managed one."""
        role = self.functions()[function]["Role"]["Fn::GetAtt"][0]
        return [
            statement
            for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
            for policy in self.properties(kind)
            if {"Ref": role} in policy.get("Roles", ())
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def actions(self, function: str) -> set[str]:
        """Every action that a function's role may take on anything."""
        return {action for statement in self.statements(function) for action in as_list(statement["Action"])}

    def outputs(self) -> Mapping[str, Any]:
        """Outputs by name."""
        return {name: output["Value"] for name, output in self.template["Outputs"].items()}


def as_list(value: Any) -> list[Any]:
    """IAM and CloudFormation write one thing alone or several in a list."""
    return value if isinstance(value, list) else [value]


Synthesize = Callable[..., Synthesized]


def synthesized(context: Mapping[str, str], code: Path) -> Mapping[str, Any]:
    """The templates for these context values. CDK's validation is left out: it only warns, and takes longer than the
    template."""
    os.environ["CDK_VALIDATION"] = "false"  # read by the process of CDK, which the first construct starts
    settings = read_context(context.get)
    stack = KervanStack(cdk.App(), settings.prefix, settings=settings, code_directory=code)
    nested = [one for one in stack.node.children if isinstance(one, cdk.NestedStack)]
    template = Template.from_stack(stack).to_json()
    return {
        "template": template,
        "nested": {one.node.id: with_values(Template.from_stack(one).to_json(), template, one) for one in nested},
    }


def with_values(nested: Any, parent: Mapping[str, Any], stack: cdk.NestedStack) -> Any:
    """The template of a nested stack, with what its parent gives it in place of its parameters."""
    made, holder = stack.nested_stack_resource, stack.nested_stack_parent
    assert made is not None
    assert holder is not None
    resource = parent["Resources"][holder.get_logical_id(made)]
    given = resource["Properties"].get("Parameters", {})

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return (
                given[value["Ref"]]
                if value.keys() == {"Ref"} and value["Ref"] in given
                else {key: filled(one) for key, one in value.items()}
            )
        return [filled(one) for one in value] if isinstance(value, list) else value

    return filled(nested)


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Give templates for context values, each made once, by whichever worker asks first."""
    own: Path = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "templates"
    shared.mkdir(exist_ok=True)
    code: Path = tmp_path_factory.mktemp("code")
    (code / "function.py").write_text("# stands in for the bundle\n")
    made: dict[str, Synthesized] = {}

    def template_for(**context: str) -> Synthesized:
        key = hashlib.sha256(json.dumps(context, sort_keys=True).encode()).hexdigest()
        if key not in made:
            file = shared / f"{key}.json"
            with (shared / f"{key}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not file.exists():
                    file.write_text(json.dumps(synthesized(context, code)))
            made[key] = Synthesized(**json.loads(file.read_text()))
        return made[key]

    return template_for


@pytest.fixture(scope="session")
def prod(synthesize: Synthesize) -> Synthesized:
    """Production as first deployed: no sender yet."""
    return synthesize(stage="prod")


@pytest.fixture(scope="session")
def sending(synthesize: Synthesize) -> Synthesized:
    """Production with a sender for each channel."""
    return synthesize(stage="prod", sender="hello@shop.example", sender_sms="KERVAN", push="on")


@pytest.fixture(scope="session")
def local(synthesize: Synthesize) -> Synthesized:
    """The laptop's stage."""
    return synthesize(
        stage="local",
        clock_file="/kervan/clock.json",
        pinpoint_endpoint="http://127.0.0.1:1",
        public_url="http://127.0.0.1:2",
    )


WIKI = "https://wiki.example/kervan/"
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-0000-0000-000000000000"
BACKUP_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:kervan-copies"
STOCK_WEBHOOK = "https://hooks.shop.example/stock?x=1"
CONVERSATION_WEBHOOK = "https://alerts.example/kervan"


@pytest.fixture(scope="session")
def varied(synthesize: Synthesize) -> Synthesized:
    """Production with many settings, each of a part of its own: one template shows what every one of them does."""
    return synthesize(
        stage="prod", alarms="ops@shop.example, https://hooks.example/x", spend_per_day="0", runbooks=WIKI,
        athena_gb="10", reserve="on", sender="hello@shop.example", sender_identity="existing", sms="gateway",
        sender_sms="netgsm", mailbox="destek@shop.example", mail_rules="inbound", domain="go.shop.example",
        certificate=CERTIFICATE,
    )  # fmt: skip


@pytest.fixture(scope="session")
def kept(synthesize: Synthesize) -> Synthesized:
    """Production with backups, copies of them in another region, and listeners to its stock and its conversations."""
    return synthesize(
        stage="prod", backup_days="35", backup_copy=BACKUP_VAULT, stock_webhook=STOCK_WEBHOOK,
        conversation_webhook=CONVERSATION_WEBHOOK,
    )  # fmt: skip


@pytest.fixture(scope="session")
def large(synthesize: Synthesize) -> Synthesized:
    """Production that is prepared for a rush, takes mail at two addresses, and has another carrier of text messages."""
    return synthesize(
        stage="prod", api_rate="30000", stream_batches="10", senders_at_once="500", timers_at_once="100",
        warm_writes="300000", sender="hello@shop.example", mailbox="destek@shop.example, info@shop.example",
        sms="end_user_messaging", sender_sms="pool-1234", sms_max_price="0.15",
    )  # fmt: skip


@pytest.fixture(scope="session")
def dev(synthesize: Synthesize) -> Synthesized:
    """A stage to try things in, a little warm."""
    return synthesize(stage="dev", warm_writes="4000")
