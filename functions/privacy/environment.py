"""What lives as long as the Lambda environment of privacy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from functions.privacy.copying import Copying
from functions.privacy.erase_in_lake import LakeErasure
from functions.privacy.erase_letters import LetterErasure
from functions.privacy.erasing import Erasing
from functions.privacy.retention import Retaining
from functions.privacy.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.clock import SystemClock, clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.letter_queue_sqs import SqsLetterQueue
from shared.adapters.phones import shop_phone_reader
from shared.adapters.secret import read_secret
from shared.adapters.sqs import SqsQueue
from shared.domain.definitions.retention import Retention
from shared.domain.identity.keys import IdentifierKeys
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.ports import Clock, DelayingQueue
from shared.ports.objects import Objects
from shared.stores.cases import Cases
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.retention_log import RetentionLog
from shared.stores.shop_answers import shop_region


def copying_off() -> Copying:
    """Where nobody asks for copies."""
    raise LookupError("no copies are made here")


def retention_off() -> tuple[Retaining, Retention]:
    """Where nobody walks."""
    raise LookupError("no retention is carried out here")


@dataclass(frozen=True, slots=True)
class Environment:
    """``confirm_after``: how long after the erasure everything is looked through once more."""

    clock: Clock
    erasing: Erasing
    queue: DelayingQueue
    confirm_after: timedelta
    copying: Callable[[], Copying] = copying_off
    """Makes copies; made with the first one."""
    retaining: Callable[[], tuple[Retaining, Retention]] = retention_off
    """What walks for retention, and the rules of the release that holds now."""


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    confirm_after = timedelta() if settings.local else CONFIRM_AFTER
    catalog = DynamoTable(client, settings.catalog)
    clock, keys = clock_for(settings.clock), IdentifierKeys(read_secret(settings.secret))
    files = cache(lambda: _files(settings.files))
    return Environment(
        clock=clock,
        erasing=Erasing(
            customers=DynamoTable(client, settings.customers),
            messages=DynamoTable(client, settings.messages),
            catalog=catalog,
            stock=DynamoTable(client, settings.stock),
            interests=DynamoTable(client, settings.interests),
            conversations=DynamoTable(client, settings.conversations),
            releases=Releases(catalog),
            keys=keys,
            confirm_after=confirm_after,
            files=files,
            lake=_lake(settings),
            iys=SqsQueue(sqs_client(), settings.iys_queue) if settings.iys_queue else None,
            letters=LetterErasure(
                [SqsLetterQueue(sqs_client(), url) for url in settings.letters],
                keys,
                shop_phone_reader(shop_region(catalog, time.monotonic)),
            ),
            audiences=SqsQueue(sqs_client(), settings.audiences_queue) if settings.audiences_queue else None,
        ),
        queue=SqsQueue(sqs_client(), settings.work),
        confirm_after=confirm_after,
        retaining=lambda: (
            Retaining(
                CustomerStore(DynamoTable(client, settings.customers)),
                Erasures(catalog),
                Cases(catalog),
                RetentionLog(catalog),
                SqsQueue(sqs_client(), settings.work),
            ),
            Releases(catalog).current(refresh=True).shop.retention,
        ),
        copying=cache(
            lambda: Copying(
                clock=clock,
                customers=DynamoTable(client, settings.customers),
                messages=DynamoTable(client, settings.messages),
                catalog=catalog,
                timers=DynamoTable(client, settings.timers),  # named by what operators ask; a copy reads nothing there
                conversations=Conversations(DynamoTable(client, settings.conversations)),
                iys=IysRecords(DynamoTable(client, settings.iys)),
                keys=keys,
                phone=shop_phone_reader(shop_region(catalog, time.monotonic)),
                files=files,
            )
        ),
    )


def _files(bucket: str) -> Objects:
    from shared.adapters.s3_objects import s3_objects

    return s3_objects(bucket)


def _lake(settings: Settings) -> LakeErasure | None:
    if not settings.lake_bucket:
        return None
    from shared.adapters.s3_objects import s3_objects

    return LakeErasure(s3_objects(settings.lake_bucket), SystemClock())
