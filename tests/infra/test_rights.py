"""Least privilege: what each role may do."""

import json
from fnmatch import fnmatch

import pytest

from tests.infra.conftest import Synthesized, as_list

pytestmark = pytest.mark.unit

# Actions for which AWS accepts no resource.
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams", "ses:GetAccount"}


def test_every_function_has_a_role_of_its_own(prod: Synthesized) -> None:
    """No two functions share a role, and none takes AWS's broad managed policies."""
    roles = [function["Role"]["Fn::GetAtt"][0] for function in prod.functions().values()]
    assert len(set(roles)) == len(roles) == len(prod.functions())
    assert not any("ManagedPolicyArns" in role for role in prod.properties("AWS::IAM::Role"))


@pytest.mark.parametrize("stage", ["prod", "sending"])
def test_no_role_has_a_wildcard_action(stage: str, request: pytest.FixtureRequest) -> None:
    """Every permitted action is named in full."""
    template: Synthesized = request.getfixturevalue(stage)
    actions = {action for name in template.functions() for action in template.actions(name)}
    assert actions
    assert {action for action in actions if "*" in action} == set()


def test_wildcard_resources_only_where_aws_forces_them(sending: Synthesized) -> None:
    """`Resource: *` stands with tracing, ListStreams and SES's quota alone; a text message goes to numbers."""
    for name in sending.functions():
        for statement in sending.statements(name):
            if "*" in as_list(statement.get("Resource", [])):
                assert set(as_list(statement["Action"])) <= WITHOUT_RESOURCE
            if "NotResource" in statement:
                assert name.endswith("notify-sms")
                assert as_list(statement["Action"]) == ["sns:Publish"]
                assert ":sns:*:*:*" in json.dumps(statement["NotResource"])


def test_without_a_sender_nobody_may_send(prod: Synthesized) -> None:
    """Off means off: with no sender, no role of prod has the right to send on any channel."""
    sends = ("ses:*", "sns:*", "mobiletargeting:*", "sms-voice:*")
    for name in prod.functions():
        assert not [action for action in prod.actions(name) if any(fnmatch(action, pattern) for pattern in sends)]


def test_each_channel_may_send_only_by_itself(sending: Synthesized) -> None:
    """E-mail's role cannot send texts, and so on."""
    right = {"email": "ses:SendEmail", "sms": "sns:Publish", "push": "mobiletargeting:SendMessages"}
    for channel, own in right.items():
        assert sending.actions(f"kervan-prod-notify-{channel}") & set(right.values()) == {own}


def test_email_is_sent_from_our_identity_only(sending: Synthesized) -> None:
    """The role may use this stage's configuration set and the sender's address and domain."""
    [statement] = [s for s in sending.statements("kervan-prod-notify-email") if s["Action"] == "ses:SendEmail"]
    resources = json.dumps(statement["Resource"])
    for expected in ("configuration-set/kervan-prod", "identity/hello@shop.example", "identity/shop.example"):
        assert expected in resources
    assert "*" not in resources


def test_ingest_may_add_events_but_change_no_derived_item(prod: Synthesized) -> None:
    """Taking events needs puts; conditional updates and deletes of customers are segment's."""
    customers = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-customers")
    for name in ("kervan-prod-ingest-api", "kervan-prod-ingest-feedback"):
        on_customers = [s for s in prod.statements(name) if customers in json.dumps(s["Resource"])]
        actions = {action for statement in on_customers for action in as_list(statement["Action"])}
        assert "dynamodb:BatchWriteItem" in actions
        assert not actions & {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Scan"}


def test_only_who_meets_identifiers_may_read_their_key(prod: Synthesized) -> None:
    """Who meets keys alone reads no secret: schedule, the lake, the audit of stock, announcements, dry runs."""
    reading = {name for name in prod.functions() if "secretsmanager:GetSecretValue" in prod.actions(name)}
    without = ("-schedule-", "-stock-audit", "-stock-on-queue", "-stock-on-feed", "-measure-", "-simulation-")
    assert reading == {name for name in prod.functions() if not any(part in name for part in without)}


def test_the_catalog_is_written_in_ones_own_space_only(prod: Synthesized) -> None:
    """Each function writes its own partitions. Keys are written by the command, releases by the console too,
    and the switches are the admin API's and the console's."""
    catalog = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-catalog")
    writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"}
    spaces: dict[str, list[str]] = {}
    deletes: dict[str, list[str]] = {}
    for name in prod.functions():
        for statement in prod.statements(name):
            actions = set(as_list(statement["Action"]))
            if catalog in json.dumps(statement["Resource"]) and actions & {*writes, "dynamodb:DeleteItem"}:
                keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                (spaces if actions & writes else deletes)[name.removeprefix("kervan-prod-")] = keys
    walking = ("schedule-on-due", "schedule-on-queue")
    assert deletes == {"console": ["drafts", "drafts#*"], **{key: ["campaign", "campaign#*"] for key in walking}}
    assert {name: keys for name, keys in spaces.items() if name.startswith("segment")} == {
        "segment-on-due": ["backfill", "backfill#*"],
        "segment-on-queue": ["backfill", "backfill#*"],
        "segment-audit": ["audit", "audit#*"],
    }
    assert not [key for keys in spaces.values() for key in keys if key.startswith("source")]
    assert [name for name, keys in spaces.items() if any(key.startswith("release") for key in keys)] == ["console"]
    assert [name for name, keys in spaces.items() if "controls" in keys] == ["admin", "console"]
    assert {name for name, keys in spaces.items() if "campaign#*" in keys} == {
        "admin", "console", "schedule-on-due", "schedule-on-queue", "notify-email", "notify-sms", "notify-push",
        "ingest-feedback",
    }  # fmt: skip


def test_the_api_writes_codes_and_reactions_and_no_messages(prod: Synthesized) -> None:
    """Codes are imported, first clicks marked, sign-ups counted; what was sent is written by who sends and who hears
    of it."""
    messages = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-messages")
    for name, prefixes in (("admin", ("coupon",)), ("ingest-api", ("reaction", "signup"))):
        on_messages = [s for s in prod.statements(f"kervan-prod-{name}") if messages in json.dumps(s["Resource"])]
        writing = [s for s in on_messages if "dynamodb:PutItem" in as_list(s["Action"])]
        keys = [s["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for s in writing]
        assert keys == [[pattern for prefix in prefixes for pattern in (prefix, f"{prefix}#*")]]


def test_taking_events_reaches_no_timer(prod: Synthesized) -> None:
    """What only operators ask for is out of reach of the function that everybody may call."""
    tables = ("customers", "messages", "catalog", "metrics")
    allowed = {prod.logical_id("AWS::DynamoDB::Table", "TableName", f"kervan-prod-{name}") for name in tables}
    named = json.dumps([s["Resource"] for s in prod.statements("kervan-prod-ingest-api")])
    reached = {found for found in prod.template["Resources"] if f'"{found}"' in named}
    kinds = {found: prod.template["Resources"][found]["Type"] for found in reached}
    assert {found for found, kind in kinds.items() if kind == "AWS::DynamoDB::Table"} == allowed


def test_counters_of_sources_are_added_by_who_counts_and_read_by_the_api(prod: Synthesized) -> None:
    """Ingest and the stream add; ingest, the API and the console read; nobody else touches, puts or deletes. What
    ingest puts there are pointers to withdrawals, no counters."""
    metrics = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-metrics")
    rights = {}
    for name in prod.functions():
        on_metrics = [s for s in prod.statements(name) if metrics in json.dumps(s["Resource"])]
        actions = {action for statement in on_metrics for action in as_list(statement["Action"])}
        if actions:
            rights[name.removeprefix("kervan-prod-")] = actions
    assert rights == {
        "ingest-api": {"dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:BatchWriteItem"},
        "admin": {"dynamodb:Query"},
        "console": {"dynamodb:Query"},
        "segment-on-events": {"dynamodb:UpdateItem"},
        "ingest-feedback": {"dynamodb:UpdateItem", "dynamodb:Query"},  # bounces and complaints by the hour
    }
    [putting] = [
        statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for statement in prod.statements("kervan-prod-ingest-api")
        if metrics in json.dumps(statement["Resource"]) and "dynamodb:BatchWriteItem" in as_list(statement["Action"])
    ]
    assert putting == ["withdrawals", "withdrawals#*"]


def test_the_audit_changes_no_customer(prod: Synthesized) -> None:
    """It compares; what it finds is mended by the function whose item it is."""
    customers = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-customers")
    on_customers = [s for s in prod.statements("kervan-prod-segment-audit") if customers in json.dumps(s["Resource"])]
    actions = {action for statement in on_customers for action in as_list(statement["Action"])}
    assert actions == {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}


def test_nobody_scans(sending: Synthesized) -> None:
    """No function may scan a table: every read knows its key (docs/architecture.md)."""
    assert not any("dynamodb:Scan" in sending.actions(name) for name in sending.functions())


def test_the_stock_is_changed_by_who_answers_for_it(prod: Synthesized) -> None:
    """The API, the console, the expiry and the worker of connected shops write it, the audit reads it, and nobody
    deletes or adds past its conditions.
    Who erases people writes what names them, and no level."""
    stock = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-stock")
    rights = {}
    for name in prod.functions():
        on_stock = [s for s in prod.statements(name) if stock in json.dumps(s["Resource"])]
        actions = {action for statement in on_stock for action in as_list(statement["Action"])}
        if actions:
            rights[name.removeprefix("kervan-prod-")] = actions
    reads = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    writes = {"dynamodb:PutItem", "dynamodb:BatchWriteItem"}
    erasing = rights.pop("privacy-on-queue")
    assert reads <= erasing
    for channel in ("email", "sms", "push"):  # levels and locations, nothing that names a person
        assert rights.pop(f"notify-{channel}") == {"dynamodb:Query"}
        (asked,) = [s for s in prod.statements(f"kervan-prod-notify-{channel}") if stock in json.dumps(s["Resource"])]
        keys = asked["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        assert {key.partition("#")[0] for key in keys} == {"sku", "levels", "locations"}
    writers = ("stock-api", "stock-on-due", "stock-on-queue", "console")
    assert rights == {**dict.fromkeys(writers, reads | writes), "stock-audit": reads}
    writing = [
        statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for statement in prod.statements("kervan-prod-privacy-on-queue")
        if stock in json.dumps(statement["Resource"]) and "dynamodb:PutItem" in as_list(statement["Action"])
    ]
    assert writing == [["notice", "notice#*", "pickup", "pickup#*"]]


def test_products_are_written_by_the_function_of_stock(prod: Synthesized) -> None:
    """Nobody else puts one, and nobody deletes one."""
    products = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-products")
    writes = {}
    for name in prod.functions():
        on_products = [s for s in prod.statements(name) if products in json.dumps(s["Resource"])]
        actions = {action for statement in on_products for action in as_list(statement["Action"])}
        if actions - {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}:
            writes[name] = actions - {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    assert writes == {
        "kervan-prod-stock-api": {"dynamodb:PutItem", "dynamodb:BatchWriteItem"},
        "kervan-prod-stock-on-feed": {"dynamodb:PutItem"},
        "kervan-prod-stock-on-queue": {"dynamodb:PutItem"},  # those of connected shops, each on its conditions
    }


def test_who_answers_for_agents_may_arm_what_follows(prod: Synthesized) -> None:
    """A message of a customer can bring an auto-answer and a due time: both arm a timer, from the queue or the mail."""
    timers = prod.logical_id("AWS::DynamoDB::Table", "TableName", "kervan-prod-timers")
    for name in ("support-api", "support-on-queue", "support-on-mail", "support-on-due"):
        on_timers = [s for s in prod.statements(f"kervan-prod-{name}") if timers in json.dumps(s["Resource"])]
        assert "dynamodb:PutItem" in {action for statement in on_timers for action in as_list(statement["Action"])}


def test_who_only_sends_to_a_queue_has_one_right(prod: Synthesized) -> None:
    """Neither its address nor its attributes. Where CDK grants what a stream or the clock gives up, it adds both."""
    kept = ("-undelivered", "-failures")
    for name in prod.functions():
        for statement in prod.statements(name):
            if "sqs:SendMessage" in as_list(statement["Action"]):
                found = [one["Fn::GetAtt"][0] for one in as_list(statement["Resource"])]
                queues = {prod.template["Resources"][one]["Properties"]["QueueName"] for one in found}
                given_up = all(queue.endswith(kept) for queue in queues)
                assert given_up or as_list(statement["Action"]) == ["sqs:SendMessage"]
