"""A backup of all tables every night, in a vault that a mistake or a stolen right cannot empty at once."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.settings import Backup, Settings
from infra.tables import Tables

HOUR = 2
"""Of the night, UTC: the start of each backup. DynamoDB makes it without reading the table."""
LEAST_DAYS = 7
"""Who may manage the vault cannot delete a backup before it is a week old, unless he takes the lock off first."""


class Backups(Construct):
    """The vault, its plan, and the role that makes backups and copies.

    Point-in-time recovery brings a table back to any second of 35 days, in the same account and region. The vault is
    for what that does not reach: a lost region, and a table that was deleted together with its own backups.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, wanted: Backup, tables: Tables
    ) -> None:
        super().__init__(scope, construct_id)
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=settings.prefix,
            lock_configuration=backup.LockConfiguration(min_retention=Duration.days(LEAST_DAYS)),
            removal_policy=RemovalPolicy.RETAIN if settings.retain else RemovalPolicy.DESTROY,
        )
        copies = []
        if wanted.copy_to:
            elsewhere = backup.BackupVault.from_backup_vault_arn(self, "Elsewhere", wanted.copy_to)
            copies = [
                backup.BackupPlanCopyActionProps(
                    destination_backup_vault=elsewhere, delete_after=Duration.days(wanted.days)
                )
            ]
        plan = backup.BackupPlan(self, "Plan", backup_plan_name=f"{settings.prefix}-nightly", backup_vault=vault)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="nightly",
                schedule_expression=events.Schedule.cron(hour=str(HOUR), minute="0"),
                start_window=Duration.hours(1),
                completion_window=Duration.hours(12),
                delete_after=Duration.days(wanted.days),
                copy_actions=copies,
            )
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            description=f"Makes the backups of {settings.prefix}",
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSBackupServiceRolePolicyForBackup")
            ],
        )
        plan.add_selection(
            "Tables",
            backup_selection_name=settings.prefix,
            role=role,
            resources=[backup.BackupResource.from_dynamo_db_table(table) for table in tables.by_name.values()],
        )
