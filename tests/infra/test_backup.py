"""Backups: every table every night, kept as long as the setting says, copied where it says."""

import json

import pytest

from tests.infra.conftest import BACKUP_VAULT, Synthesized

pytestmark = pytest.mark.unit


def test_every_table_is_in_the_plan(kept: Synthesized) -> None:
    """A new table too."""
    [selection] = kept.properties("AWS::Backup::BackupSelection")
    text = json.dumps(selection["BackupSelection"]["Resources"])
    tables = [
        logical_id for logical_id, one in kept.template["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"
    ]
    assert len(tables) > 8
    assert [one for one in tables if f'"{one}"' not in text] == []


def test_backups_are_kept_and_copied(kept: Synthesized) -> None:
    """At two in the night; the copy is kept as long as the backup."""
    [plan] = kept.properties("AWS::Backup::BackupPlan")
    [rule] = plan["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 35}
    assert rule["CopyActions"] == [{"DestinationBackupVaultArn": BACKUP_VAULT, "Lifecycle": {"DeleteAfterDays": 35}}]
    [vault] = kept.resources("AWS::Backup::BackupVault")
    assert vault["DeletionPolicy"] == "Retain"
    assert vault["Properties"]["LockConfiguration"] == {"MinRetentionDays": 7}


def test_a_backup_that_fails_rings(kept: Synthesized) -> None:
    """The backup and the copy, each with its alarm."""
    alarms = {one["AlarmName"]: one for one in kept.properties("AWS::CloudWatch::Alarm")}
    for kind in ("Backup", "Copy"):
        alarm = alarms[f"kervan-prod-{kind.lower()}-failed"]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Backup", f"NumberOf{kind}JobsFailed")
        assert alarm["Dimensions"] == [{"Name": "BackupVaultName", "Value": "kervan-prod"}]


def test_without_the_setting_there_is_no_vault(prod: Synthesized, local: Synthesized) -> None:
    """The tables' own recovery stands."""
    for template in (prod, local):
        assert template.resources("AWS::Backup::BackupVault") == []
    assert not [one for one in prod.properties("AWS::CloudWatch::Alarm") if "backup" in one["AlarmName"]]


def test_tables_of_prod_cannot_be_deleted_by_a_mistake(prod: Synthesized, dev: Synthesized, local: Synthesized) -> None:
    """DynamoDB refuses until somebody takes the protection off."""
    assert {one["DeletionProtectionEnabled"] for one in prod.properties("AWS::DynamoDB::Table")} == {True}
    for stage in (dev, local):
        found = stage.properties("AWS::DynamoDB::Table")
        assert {one.get("DeletionProtectionEnabled", False) for one in found} == {False}
