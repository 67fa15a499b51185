"""The composition: every part of a stage, and how the parts hold on to each other."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.api import Api
from infra.backup import Backups
from infra.bytecode import sources_digest
from infra.console import Console, write_console_outputs
from infra.conversation_files import ConversationFiles
from infra.dead_letters import grant_dead_letters
from infra.domain import ApiDomain
from infra.edge import Edge
from infra.functions import Functions
from infra.grants import grant_queues, grant_tables, grant_work
from infra.lake import Lake
from infra.lake_catalog import LakeCatalog
from infra.monitoring import add_monitoring
from infra.outputs import write_outputs
from infra.queues import CHANNELS, WORK_BATCH, ChannelQueues, WorkQueues, reader_of
from infra.schedules import Schedules
from infra.sending import Sending
from infra.settings import Settings
from infra.streams import Streams
from infra.tables import Tables, removal_policy
from infra.webhooks import DueHook, StockHook

SECRET_LENGTH = 64


class KervanStack(cdk.Stack):
    """One stage of Kervan in one account and region."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        code_directory: Path,
        lake_directory: Path | None = None,
    ) -> None:
        """``lake_directory``: the code of functions that read the lake, if it is another."""
        super().__init__(
            scope,
            construct_id,
            description="Kervan: omnichannel marketing automation",
            termination_protection=settings.retain,
        )
        cdk.Tags.of(self).add("application", "kervan")
        cdk.Tags.of(self).add("stage", settings.stage)
        code = _code_of(code_directory)
        lake_code = _code_of(lake_directory) if lake_directory else code
        tables = Tables(self, "Tables", settings=settings)
        queues = ChannelQueues(self, "Queues", settings=settings)
        work = WorkQueues(self, "Work", settings=settings)
        if settings.backup is not None:
            Backups(self, "Backups", settings=settings, wanted=settings.backup, tables=tables)
        functions = Functions(self, "Functions", settings=settings, code=code, lake_code=lake_code)
        secret = self._secret(settings, functions)
        grant_tables(functions, tables)
        grant_queues(functions, queues)
        grant_work(functions, work)
        api = Api(
            self,
            "Api",
            settings=settings,
            ingest=functions["ingest-api"],
            admin=functions["admin"],
            console=functions["console"],
            stock=functions["stock-api"],
            support=functions["support-api"],
        )
        streams = Streams(self, "Streams", settings=settings, tables=tables, functions=functions)
        grant_dead_letters(self, functions=functions, queues=queues, work=work, streams=streams, tables=tables)
        self._read_queues(settings, functions, queues, work)
        if settings.stock_webhook:
            StockHook(self, "StockHook", settings=settings, tables=tables, functions=functions, work=work)
        if settings.conversation_webhook:
            DueHook(self, "DueHook", settings=settings, functions=functions, work=work)
        lake = None
        if settings.lake:
            lake = Lake(self, "Lake", settings=settings, functions=functions, later=work.by_name["measure"])
            if settings.athena_gb:
                LakeCatalog(self, "LakeCatalog", settings=settings, lake=lake)
        domain = self._domain(settings, api, functions)
        public_url = settings.public_url or (domain.url if domain else api.endpoint)
        console = Console(self, "Console", settings=settings, function=functions["console"], public_url=public_url)
        sending = Sending(self, "Senders", settings=settings, functions=functions, work=work, public_url=public_url)
        functions["support-on-due"].set("KERVAN_PUBLIC_URL", public_url)  # links to the question how it was
        mails = work.by_name["mail"]
        files = ConversationFiles(self, "Conversations", settings=settings, functions=functions, mails=mails)
        Schedules(
            self,
            "Schedules",
            settings=settings,
            functions=functions,
            work=work,
            configuration_set=sending.configuration_set_name,
        )
        topic_arn = ""
        if not settings.local:
            topic_arn = add_monitoring(
                self,
                settings=settings,
                api=api,
                functions=functions,
                tables=tables,
                queues=queues,
                work=work,
                streams=streams,
                lake=lake,
            )
        if settings.clock_file:
            for function in functions.all():
                function.set("KERVAN_CLOCK", settings.clock_file)
        write_outputs(
            self,
            settings=settings,
            api=api,
            tables=tables,
            queues=queues,
            work=work,
            streams=streams,
            functions=functions,
            sending=sending,
            secret=secret,
            topic_arn=topic_arn,
            domain=domain,
            lake=lake,
            files=files,
        )
        write_console_outputs(self, console)

    def _domain(self, settings: Settings, api: Api, functions: Functions) -> ApiDomain | Edge | None:
        """What the shop's own domain leads to: the API, or the firewall in front of it."""
        if settings.domain is None:
            return None
        if settings.domain.web_acl:
            return Edge(self, "Edge", settings=settings, domain=settings.domain, api=api, functions=functions)
        return ApiDomain(self, "ApiDomain", domain=settings.domain, api=api)

    def _secret(self, settings: Settings, functions: Functions) -> secretsmanager.Secret:
        """The key of the HMAC over identifiers: without it no customer can be found again, so prod keeps it."""
        secret = secretsmanager.Secret(
            self,
            "IdentifierKey",
            description="Key of the HMAC that Kervan stores identifiers under; never change or delete it",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=SECRET_LENGTH, exclude_punctuation=True
            ),
            removal_policy=removal_policy(settings),
        )
        # Schedule, audiences and some functions of stock read keys only, so they need no secret.
        makes_keys = functions.of(
            "ingest", "admin", "console", "segment", "stock", "support", "notify", "privacy", "iys"
        )
        without = {
            "stock-audit",
            "stock-on-queue",
            "stock-on-feed",
            "stock-on-level",
            "stock-on-hook",
        }
        for function in (one for one in makes_keys if one.spec.name not in without):
            function.allow("secretsmanager:GetSecretValue", on=[secret.secret_arn])
            function.set("KERVAN_SECRET", secret.secret_arn)
        return secret

    @staticmethod
    def _read_queues(settings: Settings, functions: Functions, queues: ChannelQueues, work: WorkQueues) -> None:
        def read(queue: sqs.Queue, function: str, *, batch: int, at_once: int) -> None:
            functions[function].invoked.add_event_source(
                SqsEventSource(queue, batch_size=batch, max_concurrency=at_once, report_batch_item_failures=True)
            )

        for channel in CHANNELS:
            read(queues.by_channel[channel], f"notify-{channel}", batch=10, at_once=settings.concurrency.notify)
        for name, queue in work.by_name.items():
            read(queue, reader_of(name), batch=WORK_BATCH[name], at_once=settings.concurrency.work[name])


def _code_of(directory: Path) -> lambda_.Code:
    compiled = any(directory.rglob("*.pyc"))
    return lambda_.Code.from_asset(
        str(directory),
        asset_hash=sources_digest(directory, compiled=compiled),
        asset_hash_type=AssetHashType.CUSTOM,
    )
