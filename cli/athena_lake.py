"""Reports by Athena, over the lake of a stage in the AWS account of the caller's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.catalog import catalog_table
from cli.failure import Failure, WrongUse


def report_of_athena(stage: str, name: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """A report as the API answers it, from the tables and the workgroup that `-c athena_gb=...` made.

    Raises
    ------
    Failure
        If Athena refuses, or there is no such report.
    WrongUse
        If the days cannot be used, or sqlglot is not installed.
    """
    try:
        from functions.measure.athena_report import answer_by_athena
    except ImportError as missing:
        raise WrongUse("--engine athena needs sqlglot: run `make setup`") from missing
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from functions.measure.answer_report import RefusedReport
    from functions.measure.erasures import waiting
    from shared.adapters.athena import Athena, AthenaFailed
    from shared.adapters.s3_objects import s3_objects
    from shared.operators.reports import prices_of
    from shared.stores.releases import Releases

    if stage == "local":
        raise WrongUse("--engine athena is for a stage in AWS; the local stack answers by itself")
    shop = Releases(catalog_table(stage).table).current().shop
    database = f"kervan_{stage}_lake".replace("-", "_")
    question = {
        **asked, "report": name, "time_zone": shop.time_zone, "currency": shop.currency,
        "prices": prices_of(shop.prices),
        "now": datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat(),
    }  # fmt: skip
    try:
        engine = Athena(boto3.client("athena"), workgroup=f"kervan-{stage}-lake", database=database)
        with TemporaryDirectory(prefix="notes-") as folder:
            erased = waiting(s3_objects(_bucket(boto3.client("cloudformation"), stage)), Path(folder))
        return answer_by_athena(engine.query, question, database=database, erased=erased)
    except RefusedReport as refused:
        raise (WrongUse if refused.status == 400 else Failure)(str(refused)) from refused
    except (AthenaFailed, ClientError, BotoCoreError) as failed:
        raise Failure(f"Athena did not answer: {failed}") from failed


def _bucket(cloudformation: Any, stage: str) -> str:
    """The lake's, as the stack says."""
    (stack,) = cloudformation.describe_stacks(StackName=f"kervan-{stage}")["Stacks"]
    outputs = {one["OutputKey"]: str(one["OutputValue"]) for one in stack.get("Outputs", ())}
    if "LakeBucket" not in outputs:
        raise Failure(f"the stack kervan-{stage} has no lake")
    return outputs["LakeBucket"]
