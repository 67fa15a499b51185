"""Functions: built alike, told what they need, woken only by what concerns them."""

import json

import pytest

from tests.infra.conftest import Synthesized, as_list

pytestmark = pytest.mark.unit

HANDLERS = {
    "ingest-api": "functions.ingest.api.handler",
    "admin": "functions.admin.api.handler",
    "console": "functions.console.api.handler",
    "ingest-feedback": "functions.ingest.on_feedback.handler",
    "segment-on-events": "functions.segment.on_events.handler",
    "segment-on-due": "functions.segment.on_due.handler",
    "segment-on-queue": "functions.segment.on_queue.handler",
    "segment-audit": "functions.segment.on_audit.handler",
    "privacy-on-queue": "functions.privacy.on_queue.handler",
    "schedule-on-customer": "functions.schedule.on_customer.handler",
    "schedule-on-due": "functions.schedule.on_due.handler",
    "schedule-on-queue": "functions.schedule.on_queue.handler",
    "stock-api": "functions.stock.api.handler",
    "stock-on-due": "functions.stock.on_due.handler",
    "stock-on-queue": "functions.stock.on_queue.handler",
    "stock-on-feed": "functions.stock.on_feed.handler",
    "stock-audit": "functions.stock.on_audit.handler",
    "support-api": "functions.support.api.handler",
    "support-on-queue": "functions.support.on_queue.handler",
    "support-on-mail": "functions.support.on_mail.handler",
    "support-on-due": "functions.support.on_due.handler",
    "iys-on-queue": "functions.iys.on_queue.handler",
    "iys-on-due": "functions.iys.on_due.handler",
    "audiences-on-queue": "functions.audiences.on_queue.handler",
    "simulation-on-queue": "simulation.on_queue.handler",
    "notify-email": "functions.notify.on_queue.handler",
    "notify-sms": "functions.notify.on_queue.handler",
    "notify-push": "functions.notify.on_queue.handler",
    "notify-social": "functions.notify.on_queue.handler",
    "measure-on-message": "functions.measure.on_message.handler",
    "measure-on-queue": "functions.measure.on_queue.handler",
    "measure-compact": "functions.measure.on_hour.handler",
    "measure-report": "functions.measure.on_report.handler",
    "measure-predict": "functions.measure.on_week.handler",
    "measure-digest": "functions.measure.on_month.handler",
}
HANDING = {
    "segment-on-events", "segment-on-due", "segment-on-queue", "schedule-on-customer", "measure-on-message",
}  # fmt: skip
"""Who hands rows of the lake on."""
EVERYWHERE = {
    "KERVAN_STAGE", "KERVAN_CUSTOMERS", "KERVAN_TIMERS", "KERVAN_MESSAGES", "KERVAN_CATALOG", "KERVAN_METRICS",
    "KERVAN_STOCK", "KERVAN_PRODUCTS", "KERVAN_INTERESTS", "KERVAN_CONVERSATIONS", "KERVAN_IYS", "KERVAN_AUDIENCES",
    "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL",
}  # fmt: skip
WORKING = {
    f"{group}-{trigger}": f"kervan-prod-{group}-work"
    for group in ("segment", "schedule", "stock") for trigger in ("on-due", "on-queue")
} | {f"{name}-on-queue": f"kervan-prod-{name}-work" for name in ("privacy", "simulation")}  # fmt: skip
"""Who hands work over and who does it, and the queue between them."""
NO_FAILURES = {
    "ingest-api", "admin", "console", "segment-audit", "stock-api", "stock-on-due", "stock-on-queue",
    "stock-on-feed", "stock-audit",
    "privacy-on-queue", "measure-on-message", "measure-on-queue", "measure-compact", "measure-report",
    "measure-predict", "measure-digest",
    "support-api", "support-on-queue", "support-on-mail", "support-on-due", "iys-on-queue", "iys-on-due",
    "simulation-on-queue", "audiences-on-queue", "ingest-feedback",
}  # fmt: skip
"""Who keeps no queue of what it gave up."""
QUEUES = {"KERVAN_QUEUE_EMAIL", "KERVAN_QUEUE_SMS", "KERVAN_QUEUE_PUSH"}
ANSWERED = {"KERVAN_QUEUE_EMAIL", "KERVAN_QUEUE_SMS", "KERVAN_QUEUE_PUSH", "KERVAN_QUEUE_SOCIAL", "KERVAN_SOCIAL"}
"""What who hands answers over is told."""
QUEUES_OF = {
    "schedule": QUEUES,
    "notify": {*QUEUES, "KERVAN_SUPPORT_QUEUE"},
    "ingest": {"KERVAN_SUPPORT_QUEUE"},
    "support": ANSWERED,
    "console": ANSWERED,
}
"""Which queues the functions of a group send to."""
FILES_OF = {
    **{name: {"KERVAN_FILES"} for name in ("support-api", "support-on-queue", "privacy-on-queue")},
    "support-on-mail": {"KERVAN_FILES", "KERVAN_OWN_ADDRESSES"},
    "support-on-due": {"KERVAN_FILES", "KERVAN_PUBLIC_URL"},
    "notify-email": {"KERVAN_FILES", "KERVAN_REPLY_TO"},
    "notify-social": {"KERVAN_FILES"},
}
"""Who is told where mails and files of customers are, or where answers come."""
REGISTER_OF = {
    **{
        name: {"KERVAN_IYS_QUEUE", "KERVAN_AUDIENCES_QUEUE"}
        for name in ("segment-on-events", "segment-on-queue", "privacy-on-queue")
    },
    **{name: {"KERVAN_IYS_QUEUE"} for name in ("ingest-api", "admin")},
    "segment-on-due": {"KERVAN_AUDIENCES_QUEUE"},
    **{
        name: {"KERVAN_SENDER_SECRETS"}
        for name in ("iys-on-queue", "iys-on-due", "audiences-on-queue", "support-on-queue")
    },
}
"""Who tells the exchange with the register of consent, and who has its secrets."""
SENDERS = {
    "KERVAN_CHANNEL", "KERVAN_SENDING", "KERVAN_SENDER_EMAIL", "KERVAN_SENDER_SMS", "KERVAN_SMS",
    "KERVAN_SMS_MAX_PRICE", "KERVAN_WEB_PUSH", "KERVAN_PINPOINT_APP", "KERVAN_CONFIGURATION_SET", "KERVAN_PUBLIC_URL",
}  # fmt: skip


def test_the_functions_are_these(prod: Synthesized) -> None:
    """All functions with their handlers."""
    found = {name.removeprefix("kervan-prod-"): each["Handler"] for name, each in prod.functions().items()}
    assert found == HANDLERS


def test_all_functions_are_built_alike(prod: Synthesized) -> None:
    """Python 3.13 on arm64, traced, one asset (nothing is bundled here), logs kept 90 days in a group of its own."""
    retained = {group["LogGroupName"]: group["RetentionInDays"] for group in prod.properties("AWS::Logs::LogGroup")}
    assets = set()
    for name, function in prod.functions().items():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert retained[f"/aws/lambda/{name}"] == 90
        assets.add(json.dumps(function["Code"]))
    assert len(assets) == 1


OWN = {
    "simulation-on-queue": {"POWERTOOLS_METRICS_DISABLED"},
    "measure-predict": {"KERVAN_PREDICTIONS"},
    **{name: {"KERVAN_SENDER_EMAIL", "KERVAN_CONFIGURATION_SET"} for name in ("measure-digest", "support-on-due")},
}
"""What one function alone reads."""


WITHOUT_SECRET = (
    "schedule-", "stock-audit", "measure-", "stock-on-queue", "stock-on-feed", "simulation-", "audiences-",
)  # fmt: skip
"""They read keys, and make none."""


@pytest.mark.parametrize("name", HANDLERS)
def test_each_function_is_told_what_it_needs(prod: Synthesized, name: str) -> None:
    """The environment has exactly the names that the functions' settings read."""
    expected = set(EVERYWHERE)
    if not name.startswith(WITHOUT_SECRET):
        expected |= {"KERVAN_SECRET"}
    expected |= QUEUES_OF.get(name.partition("-")[0], set())
    if name.startswith("notify-"):
        expected |= SENDERS if name == "notify-email" else {*SENDERS, "KERVAN_SENDER_SECRETS"}
    if not name.startswith("notify-") and name not in NO_FAILURES:
        expected |= {"KERVAN_FAILURES"}
    if name == "admin":
        expected |= {"KERVAN_DEAD_LETTERS", "KERVAN_ERASURES", "KERVAN_REPORTS"}
    expected |= REGISTER_OF.get(name, set())
    if name == "console":
        expected |= {"KERVAN_CONSOLE_URL", "KERVAN_CONSOLE_ISSUER", "KERVAN_CONSOLE_CLIENT", "KERVAN_REPORTS"}
        expected |= {"KERVAN_DEAD_LETTERS", "KERVAN_FILES", "KERVAN_ERASURES", "KERVAN_DRY_RUNS"}
    expected |= FILES_OF.get(name, set())
    if name in WORKING:
        expected |= {"KERVAN_WORK"}
    if name == "ingest-api":
        expected |= {"KERVAN_QUEUE_EMAIL", "KERVAN_ERASURES", "KERVAN_FILES"}
        expected |= {"KERVAN_HOOK_SECRETS", "KERVAN_STOCK_QUEUE"}
    if name in HANDING or name == "measure-on-queue":
        expected |= {"KERVAN_LAKE", "KERVAN_LAKE_LATER"}
    if name in ("measure-compact", "measure-report", "measure-predict", "measure-digest", "privacy-on-queue"):
        expected |= {"KERVAN_LAKE_BUCKET"}
    if name == "privacy-on-queue":
        expected |= {"KERVAN_NAMING_LETTERS"}
    expected |= OWN.get(name, set())
    assert set(prod.environment(f"kervan-prod-{name}")) == expected


def test_only_local_can_shift_the_clock(local: Synthesized, prod: Synthesized) -> None:
    """Every local function reads the shifted clock; in AWS no function knows of one."""
    assert {local.environment(name)["KERVAN_CLOCK"] for name in local.functions()} == {"/kervan/clock.json"}
    assert not any("KERVAN_CLOCK" in prod.environment(name) for name in prod.functions())


def test_streams_wake_for_what_concerns_the_reader(prod: Synthesized) -> None:
    """Segment sees new events only, schedule changed customers and enrollments, the lake messages that were decided;
    all survive a poisoned batch."""
    mappings = [m for m in prod.properties("AWS::Lambda::EventSourceMapping") if "StartingPosition" in m]
    patterns = {}
    for mapping in mappings:
        [criteria] = mapping["FilterCriteria"]["Filters"]
        target = mapping["FunctionName"]["Ref"]
        patterns[prod.template["Resources"][target]["Properties"]["FunctionName"]] = json.loads(criteria["Pattern"])
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        if "measure" in target.lower():
            continue  # it decides nothing, and what it gave up is told anew by `kervan lake rebuild`
        assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600
        assert mapping["MaximumRetryAttempts"] >= 3
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert patterns == {
        "kervan-prod-segment-on-events": {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "t#"}]}}},
        },
        "kervan-prod-schedule-on-customer": {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {"Keys": {"sk": {"S": ["customer", {"prefix": "enrollment#"}]}}},
        },
        "kervan-prod-measure-on-message": {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {
                "Keys": {"sk": {"S": ["message"]}},
                "NewImage": {"state": {"S": ["sent", "failed", "unknown", "skipped", "deferred"]}},
            },
        },
    }


def test_channels_have_queues_with_dead_letters(prod: Synthesized) -> None:
    """Visibility is six times the sender's timeout or more; what fails for more than an hour waits in the dead-letter
    queue."""
    queues = {queue["QueueName"]: queue for queue in prod.properties("AWS::SQS::Queue")}
    for channel in ("email", "sms", "push", "social"):
        queue = queues[f"kervan-prod-{channel}"]
        dead = prod.logical_id("AWS::SQS::Queue", "QueueName", f"kervan-prod-{channel}-dead")
        timeout = prod.functions()[f"kervan-prod-notify-{channel}"]["Timeout"]
        assert queue["VisibilityTimeout"] >= 6 * timeout
        policy = queue["RedrivePolicy"]
        assert policy["deadLetterTargetArn"] == {"Fn::GetAtt": [dead, "Arn"]}
        assert 75 * 60 <= policy["maxReceiveCount"] * queue["VisibilityTimeout"] <= 90 * 60
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())
    readers = [m for m in prod.properties("AWS::Lambda::EventSourceMapping") if "StartingPosition" not in m]
    assert [reader["FunctionResponseTypes"] for reader in readers] == [["ReportBatchItemFailures"]] * 15


@pytest.mark.parametrize("group", ["segment", "schedule", "stock", "support", "iys", "audiences"])
def test_work_queues_have_throttled_readers_and_dead_letters(prod: Synthesized, group: str) -> None:
    """Hidden for six timeouts of the reader; few at once, so that a flood of work leaves the table to the shop."""
    url = prod.logical_id("AWS::SQS::Queue", "QueueName", f"kervan-prod-{group}-work")
    dead = prod.logical_id("AWS::SQS::Queue", "QueueName", f"kervan-prod-{group}-work-dead")
    queue = prod.template["Resources"][url]["Properties"]
    timeout = prod.functions()[f"kervan-prod-{group}-on-queue"]["Timeout"]
    assert queue["VisibilityTimeout"] >= 6 * timeout
    policy = queue["RedrivePolicy"]
    assert policy["deadLetterTargetArn"] == {"Fn::GetAtt": [dead, "Arn"]}
    assert policy["maxReceiveCount"] >= 5
    assert policy["maxReceiveCount"] * queue["VisibilityTimeout"] >= 75 * 60, "an outage of an hour makes dead letters"
    [reader] = [
        mapping
        for mapping in prod.properties("AWS::Lambda::EventSourceMapping")
        if mapping["EventSourceArn"] == {"Fn::GetAtt": [url, "Arn"]}
    ]
    target = prod.template["Resources"][reader["FunctionName"]["Ref"]]["Properties"]
    assert target["FunctionName"] == f"kervan-prod-{group}-on-queue"
    assert 2 <= reader["ScalingConfig"]["MaximumConcurrency"] <= 50
    assert reader["BatchSize"] <= 10


@pytest.mark.parametrize("name", WORKING)
def test_work_is_handed_over_by_who_finds_it(prod: Synthesized, name: str) -> None:
    """`on_due` and `on_queue` know their own group's queue, and may send to it; nobody else may, but the console and
    the page of people's rights, which begin erasures, and ingest, which is told of stock by shops."""
    queue = prod.logical_id("AWS::SQS::Queue", "QueueName", WORKING[name])
    assert prod.environment(f"kervan-prod-{name}")["KERVAN_WORK"] == {"Ref": queue}
    senders = {
        function.removeprefix("kervan-prod-")
        for function in prod.functions()
        for statement in prod.statements(function)
        if "sqs:SendMessage" in statement["Action"] and statement["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    }
    asked_by = {"privacy-on-queue": {"console", "ingest-api"}, "simulation-on-queue": {"console"}}
    asking = asked_by.get(name, {"ingest-api"} if name.startswith("stock-") else set())
    assert senders == asking | {each for each, works_on in WORKING.items() if works_on == WORKING[name]}


def test_ticks_come_every_minute_and_the_audit_every_hour(prod: Synthesized) -> None:
    """One rule per `on_due`, never tried again: the next tick does it. Predictions are written once a week."""
    ticks = {rule["Name"]: rule for rule in prod.properties("AWS::Events::Rule") if "ScheduleExpression" in rule}
    assert {name.removeprefix("kervan-prod-"): rule["ScheduleExpression"] for name, rule in ticks.items()} == {
        "schedule-on-due": "rate(1 minute)",
        "segment-on-due": "rate(1 minute)",
        "stock-on-due": "rate(1 minute)",
        "support-on-due": "rate(1 minute)",
        "iys-on-due": "rate(15 minutes)",
        "audiences-due": "rate(15 minutes)",
        "privacy-retention": "rate(1 hour)",
        "segment-audit": "rate(1 hour)",
        "stock-audit": "rate(1 hour)",
        "stock-on-feed": "rate(5 minutes)",
        "measure-compact": "rate(1 hour)",
        "measure-predict": "rate(7 days)",
        "measure-digest": "rate(1 day)",
    }
    for rule in ticks.values():
        [target] = rule["Targets"]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_reserved_environments_are_given_when_asked_for(prod: Synthesized, varied: Synthesized) -> None:
    """With -c reserve=on the due functions get theirs; without it no function reserves any."""
    assert not any("ReservedConcurrentExecutions" in function for function in prod.functions().values())
    assert varied.functions()["kervan-prod-schedule-on-due"]["ReservedConcurrentExecutions"] > 0


def test_an_outage_of_a_provider_raises_an_alarm(prod: Synthesized) -> None:
    """On the counter as the function writes it: service, channel and name."""
    alarms = {alarm["AlarmName"]: alarm for alarm in prod.properties("AWS::CloudWatch::Alarm")}
    for channel in ("email", "sms", "push"):
        alarm = alarms[f"kervan-prod-{channel}-provider-down"]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("Kervan", "provider_opened")
        dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        assert dimensions == {"service": f"notify-{channel}", "channel": channel}
        assert alarm["TreatMissingData"] == "notBreaching"
    stopped = alarms["kervan-prod-email-marketing-stopped"]
    assert stopped["MetricName"] == "marketing_stopped"
    assert {"Name": "service", "Value": "ingest-feedback"} in stopped["Dimensions"]


def test_a_sender_may_store_its_breaker(prod: Synthesized) -> None:
    """In the partition of the providers, and nothing else of the catalog but its counts."""
    for channel in ("email", "sms", "push"):
        written = [
            statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            for statement in prod.statements(f"kervan-prod-notify-{channel}")
            if "Condition" in statement and "dynamodb:UpdateItem" in as_list(statement["Action"])
        ]
        assert written == [["campaign", "campaign#*", "provider", "provider#*"]]
