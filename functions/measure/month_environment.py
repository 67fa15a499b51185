"""What lives as long as the Lambda environment of the monthly digest."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.s3_objects import s3_objects
from shared.ports import Clock, Table
from shared.ports.objects import Objects
from shared.ports.team_mail import TeamMailer


@dataclass(frozen=True, slots=True)
class Environment:
    """``mailer_of``: who mails in the name of the shop; None if the stage has no sender of e-mail."""

    objects: Objects
    catalog: Table
    clock: Clock
    mailer_of: Callable[[str], TeamMailer | None]
    scratch: Path
    memory_mb: int


@cache
def environment() -> Environment:
    """Raises KeyError with the name of the variable that is missing."""
    stage = os.environ["KERVAN_STAGE"]
    return Environment(
        objects=s3_objects(os.environ["KERVAN_LAKE_BUCKET"]),
        catalog=DynamoTable(dynamo_client(), os.environ["KERVAN_CATALOG"]),
        clock=clock_for(os.environ.get("KERVAN_CLOCK", "") if stage == "local" else ""),
        mailer_of=_mailer_of,
        scratch=Path(gettempdir()),
        memory_mb=int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")) // 2,
    )


def _mailer_of(shop: str) -> TeamMailer | None:
    sender = os.environ["KERVAN_SENDER_EMAIL"]
    if not sender:
        return None
    from shared.adapters.email_ses import ses_client
    from shared.adapters.team_mail_ses import SesTeamMailer

    return SesTeamMailer(
        ses_client(), sender=sender, configuration_set=os.environ["KERVAN_CONFIGURATION_SET"], name=shop
    )
