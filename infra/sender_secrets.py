"""Secrets that operators give: what senders call providers with, and what callers of webhooks prove themselves with."""

from aws_cdk import SecretValue
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.functions import Functions
from infra.settings import Settings
from infra.tables import removal_policy


class SenderSecrets(Construct):
    """Two secrets that begin empty: the way in never reads what the senders call with."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        self.senders = self._secret("Senders", "What senders call providers with", settings)
        self.hooks = self._secret("Hooks", "What callers of webhooks prove themselves with", settings)
        for name in (
            "notify-sms", "notify-push", "notify-social", "support-on-queue", "iys-on-queue", "iys-on-due",
            "audiences-on-queue",
        ):  # fmt: skip
            functions[name].allow("secretsmanager:GetSecretValue", on=[self.senders.secret_arn])
            functions[name].set("KERVAN_SENDER_SECRETS", self.senders.secret_arn)
        functions["ingest-api"].allow("secretsmanager:GetSecretValue", on=[self.hooks.secret_arn])
        functions["ingest-api"].set("KERVAN_HOOK_SECRETS", self.hooks.secret_arn)

    def _secret(self, construct_id: str, what: str, settings: Settings) -> secretsmanager.Secret:
        """Its text is written by `kervan senders secret`; later deployments leave it alone."""
        return secretsmanager.Secret(
            self,
            construct_id,
            secret_name=f"{settings.prefix}-{construct_id.lower()}",
            description=f"{what}: a JSON object of <sender>.<name>",
            secret_string_value=SecretValue.unsafe_plain_text("{}"),
            removal_policy=removal_policy(settings),
        )
