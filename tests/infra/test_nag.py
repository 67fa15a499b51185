"""AWS's own rules (cdk-nag, AwsSolutions) over production with every sender: each finding that stays has a reason."""

import json
from fnmatch import fnmatch
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from infra.context import read_context
from infra.stack import KervanStack
from tests.infra.test_firewall import DOMAIN

pytestmark = pytest.mark.unit

ACCEPTED = (
    (
        "AwsSolutions-APIG4", "*/Api/HttpApi/*",
        "The functions check keys, which SDKs also send in the body; links of messages carry signed tokens.",
    ),
    (
        "AwsSolutions-IAM5[[]Resource::[*][]]", "*/Functions/*/Role/DefaultPolicy/*",
        "Tracing and dynamodb:ListStreams know no resource; test_rights.py holds that nothing else has it.",
    ),
    (
        "AwsSolutions-IAM5[[]Resource::<Tables*.Arn>/index/[*][]]", "*/Functions/*/Role/DefaultPolicy/*",
        "The indexes of a table that the function may read.",
    ),
    (
        "AwsSolutions-IAM5[[]Resource::<LakeBucket*.Arn>/*[]]", "*",
        "Objects below a folder of the lake's bucket: their names are made as they come.",
    ),
    (
        "AwsSolutions-IAM5[[]Resource::<ConversationsBucket*.Arn>/*[]]", "*/Functions/*/Role/*Policy*",
        "Mails and files below a folder of the bucket: their names are made as they come.",
    ),
    (
        "AwsSolutions-IAM4*AWSBackupServiceRolePolicyForBackup[]]", "*/Backups/Role/*",
        "AWS keeps the rights that its backups need up to date; the plan names the tables.",
    ),
    (
        "AwsSolutions-IAM4*AWSCodeDeployRoleForLambdaLimited[]]", "*/Rollout/Role/*",
        "CDK gives it to whoever shifts aliases, whatever role is passed.",
    ),
    (
        "AwsSolutions-S1", "*/Conversations/Bucket/*",
        "SES and three functions reach it, by their roles; CloudTrail's data events can tell who did.",
    ),
    (
        "AwsSolutions-S1", "*/Lake/Bucket/*",
        "Five functions and Firehose reach it, by their roles; CloudTrail's data events can tell who did.",
    ),
    (
        "AwsSolutions-L1", "*/Functions/*/Function/*",
        "Packages and compiled modules are made for one version of Python, which is raised with the tests.",
    ),
    (
        "AwsSolutions-COG8", "*/Console/People/Resource",
        "The plan Plus costs more for each person; a second factor is demanded of everybody instead.",
    ),
    (
        "AwsSolutions-SQS3", "*Failures/*",
        "It is where failures wait: what cannot be redriven stays in it.",
    ),
    (
        "AwsSolutions-SQS3", "*Undelivered/*",
        "The same, of a stream.",
    ),
    (
        "AwsSolutions-SMG4", "*/IdentifierKey/*",
        "No stored customer could be found again under another key.",
    ),
    (
        "AwsSolutions-SMG4", "*/Senders/Secrets/*",
        "Credentials of other companies' services: they are changed there and written here by the command.",
    ),
    (
        "AwsSolutions-CFR1", "*/Edge/Distribution/*",
        "A shop's customers travel; whoever wants a country out adds a rule to the firewall.",
    ),
    (
        "AwsSolutions-CFR3", "*/Edge/Distribution/*",
        "Its log would hold addresses and the tokens of links; the API's own log tells how many and how long.",
    ),
    (
        "AwsSolutions-SMG4", "*/EdgeKey/*",
        "CloudFront and the functions must get a new one in the same moment; a deployment cannot do that.",
    ),
    (
        "AwsSolutions-SMG4", "*Hook/Secret/*",
        "The receiver of the webhook knows it too: it is changed on both sides at once.",
    ),
)  # fmt: skip
"""Rule, path of the construct, and why it is accepted."""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Rule and path of everything that the rules find."""
    code: Path = tmp_path_factory.mktemp("code")
    (code / "function.py").write_text("# stands in for the bundle\n")
    context = {
        "stage": "prod",
        "sender": "hello@shop.example",
        "sender_sms": "KERVAN",
        "push": "on",
        "alarms": "a@b.example",
        "rollout": "gradual",
        "backup_days": "35",
        "stock_webhook": "https://shop.example/x",
        **DOMAIN,
        "conversation_webhook": "https://shop.example/y",
    }
    settings = read_context(context.get)
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("out")))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks())
    KervanStack(app, settings.prefix, settings=settings, code_directory=code)
    with pytest.raises(RuntimeError, match=r"^ValidationFailed"):
        app.synth()
    reports = json.loads((Path(app.outdir) / "validation-report.json").read_text())["pluginReports"]
    [report] = [one for one in reports if one["pluginName"] == "AwsSolutions"]
    return [
        (violation["ruleName"], construct["constructPath"])
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    ]


def test_every_finding_has_a_reason(findings: list[tuple[str, str]]) -> None:
    """A new one must be mended, or accepted here with a reason."""
    assert findings
    open_ones = [
        (rule, path)
        for rule, path in findings
        if not any(fnmatch(rule, accepted) and fnmatch(path, where) for accepted, where, _why in ACCEPTED)
    ]
    assert open_ones == []


@pytest.mark.parametrize(("rule", "where", "why"), ACCEPTED, ids=lambda value: value[:30])
def test_every_reason_is_still_needed(rule: str, where: str, why: str, findings: list[tuple[str, str]]) -> None:
    """One that no finding needs any more is taken away."""
    assert [path for found, path in findings if fnmatch(found, rule) and fnmatch(path, where)]
    assert len(why.split()) >= 4
