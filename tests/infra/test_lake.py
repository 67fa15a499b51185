"""The lake: a bucket that nobody else reaches, a stream that fills it, and a setting to leave it off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.measure import layout
from infra import lake
from shared.stores import lake_erasures
from tests.infra.conftest import Synthesize, Synthesized, as_list

pytestmark = pytest.mark.unit


def bucket_id(template: Synthesized) -> str:
    """The logical id of the bucket that the stream writes into: there are others."""
    (stream,) = template.properties("AWS::KinesisFirehose::DeliveryStream")
    return str(stream["ExtendedS3DestinationConfiguration"]["BucketARN"]["Fn::GetAtt"][0])


def bucket(template: Synthesized) -> Any:
    return template.template["Resources"][bucket_id(template)]


def test_nobody_reads_the_bucket_but_its_functions(prod: Synthesized) -> None:
    """Encrypted, not public, over TLS only; it outlives the stack, and keeps no versions of erased rows."""
    found = bucket(prod)
    properties = found["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert "VersioningConfiguration" not in properties
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert found["DeletionPolicy"] == "RetainExceptOnCreate"
    (policy,) = [one for one in prod.properties("AWS::S3::BucketPolicy") if one["Bucket"] == {"Ref": bucket_id(prod)}]
    statements = policy["PolicyDocument"]["Statement"]
    assert {one["Effect"] for one in statements} == {"Deny"}
    assert "aws:SecureTransport" in json.dumps(statements)
    assert "s3:TlsVersion" in json.dumps(statements)


def test_what_is_left_behind_goes_by_itself(prod: Synthesized) -> None:
    """Unfinished uploads, what could not be delivered, answers of Athena; raw lines and Parquet never."""
    rules = {rule.get("Prefix", ""): rule for rule in bucket(prod)["Properties"]["LifecycleConfiguration"]["Rules"]}
    assert rules[""]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert {prefix: rule["ExpirationInDays"] for prefix, rule in rules.items() if "ExpirationInDays" in rule} == {
        "failed/": 30, "answers/": 7,
    }  # fmt: skip


def test_the_stream_writes_by_hour_and_packed(prod: Synthesized) -> None:
    (stream,) = prod.properties("AWS::KinesisFirehose::DeliveryStream")
    assert stream["DeliveryStreamName"] == "kervan-prod-lake"
    assert stream["DeliveryStreamType"] == "DirectPut"
    target = stream["ExtendedS3DestinationConfiguration"]
    assert (target["Prefix"], target["CompressionFormat"]) == ("raw/!{timestamp:yyyy/MM/dd/HH}/", "GZIP")
    assert target["BufferingHints"] == {"IntervalInSeconds": 300, "SizeInMBs": 64}


def test_each_function_reaches_its_folders_only(prod: Synthesized) -> None:
    """Who hands on reaches no object; compaction reads and writes; who erases leaves a note."""
    reached: dict[str, dict[str, set[str]]] = {}
    for name in prod.functions():
        for statement in prod.statements(name):
            resources, actions = json.dumps(statement["Resource"]), json.dumps(statement["Action"])
            of_the_lake = bucket_id(prod) in resources or "firehose:" in actions
            for action in as_list(statement["Action"]) if of_the_lake else []:
                if action.startswith(("s3:", "firehose:")):
                    short = name.removeprefix("kervan-prod-")
                    reached.setdefault(short, {})[action] = {json.dumps(one) for one in as_list(statement["Resource"])}
    handing = {*lake.HANDING, "measure-on-queue"}
    assert {name for name, rights in reached.items() if set(rights) == {"firehose:PutRecordBatch"}} == handing
    assert set(reached["privacy-on-queue"]) == {"s3:PutObject"}
    (note,) = reached["privacy-on-queue"]["s3:PutObject"]
    assert '"/erased/*"' in note
    assert set(reached["measure-compact"]) == {
        "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
    }  # fmt: skip
    for name in lake.READING:
        assert set(reached[name]) == {"s3:ListBucket", "s3:GetObject"}
    assert set(reached) == handing | {"privacy-on-queue", "measure-compact", *lake.READING}


def test_who_asks_for_reports_may_call_their_function_only(prod: Synthesized) -> None:
    """And the weekly run may call itself, to go on."""
    pairs = ("admin", "measure-report"), ("console", "measure-report"), ("measure-predict", "measure-predict")
    for asking, asked in pairs:
        calls = [
            json.dumps(statement["Resource"])
            for statement in prod.statements(f"kervan-prod-{asking}")
            if "lambda:InvokeFunction" in as_list(statement["Action"])
        ]
        assert sum(f"function:kervan-prod-{asked}" in one for one in calls) == 1
    report = prod.functions()["kervan-prod-measure-report"]
    for name in lake.ASKING:
        assert prod.environment(f"kervan-prod-{name}")["KERVAN_REPORTS"] == "kervan-prod-measure-report"
        assert report["Timeout"] < prod.functions()[f"kervan-prod-{name}"]["Timeout"] - 2


def test_rows_wait_as_long_as_their_queue_keeps_them(prod: Synthesized) -> None:
    """An outage of hours makes no dead letter."""
    queues = {queue["QueueName"]: queue for queue in prod.properties("AWS::SQS::Queue")}
    queue = queues["kervan-prod-measure-work"]
    tries = queue["RedrivePolicy"]["maxReceiveCount"]
    assert tries * queue["VisibilityTimeout"] >= 0.9 * queue["MessageRetentionPeriod"]


def test_the_digest_mails_as_the_sender_and_writes_its_months_only(prod: Synthesized, sending: Synthesized) -> None:
    """E-mail by the stage's own identity, and nothing where the stage sends no e-mail."""
    [mailing] = [
        one for one in sending.statements("kervan-prod-measure-digest") if "ses:SendEmail" in as_list(one["Action"])
    ]
    assert "*" not in as_list(mailing["Resource"])
    assert sending.environment("kervan-prod-measure-digest")["KERVAN_SENDER_EMAIL"] == "hello@shop.example"
    for template in (prod, sending):
        statements = template.statements("kervan-prod-measure-digest")
        written = [one for one in statements if "dynamodb:PutItem" in as_list(one["Action"])]
        keys = [one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in written]
        assert keys == [["digest", "digest#*"]]
        assert not any("dynamodb:DeleteItem" in as_list(one["Action"]) and "Condition" not in one for one in statements)
    assert "ses:" not in json.dumps(prod.statements("kervan-prod-measure-digest"))


def test_without_a_lake_nothing_of_it_is_made(synthesize: Synthesize) -> None:
    """No bucket, no stream, no function, no alarm, no right."""
    template = synthesize(stage="prod", lake="off")
    assert template.resources("AWS::KinesisFirehose::DeliveryStream") == []
    folders = json.dumps(template.resources("AWS::S3::Bucket")) + json.dumps(template.properties("AWS::IAM::Policy"))
    assert len(template.resources("AWS::S3::Bucket")) == 1  # that of conversations
    assert not any(name in folders for name in (lake.RAW, lake.FAILED, lake.ERASED))
    assert not any("measure" in name for name in template.functions())
    assert not any("KERVAN_LAKE" in json.dumps(template.environment(name)) for name in template.functions())
    assert not any("lake" in alarm["AlarmName"] for alarm in template.properties("AWS::CloudWatch::Alarm"))
    assert not any("measure" in queue["QueueName"] for queue in template.properties("AWS::SQS::Queue"))
    (criteria,) = [
        one["FilterCriteria"]["Filters"][0]["Pattern"]
        for one in template.properties("AWS::Lambda::EventSourceMapping")
        if "FilterCriteria" in one and "customer" in json.dumps(one["FilterCriteria"])
    ]
    assert json.loads(criteria)["dynamodb"]["Keys"]["sk"]["S"] == ["customer"]


def test_the_laptop_has_a_lake_too(local: Synthesized) -> None:
    """It speaks plain HTTP, and nothing is left behind."""
    assert bucket(local)["DeletionPolicy"] == "Delete"
    policies = local.properties("AWS::S3::BucketPolicy")
    assert not any(one["Bucket"] == {"Ref": bucket_id(local)} for one in policies)
    assert local.outputs()["LakeStream"]


def test_the_folders_have_one_name_on_both_sides() -> None:
    """Code and infrastructure do not import each other."""
    assert (lake.RAW, lake.LAKE, lake.ROLLED, lake.ERASED, lake.PASSES) == (
        layout.RAW, layout.LAKE, layout.ROLLED, layout.ERASED, layout.PASSES,
    )  # fmt: skip
    assert layout.UNREADABLE.startswith(lake.FAILED)
    assert lake_erasures.ERASED == layout.ERASED
