"""What lives as long as the Lambda environment of the weekly predictions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Protocol

from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.dynamo import DynamoTable
from shared.adapters.function_caller import LambdaCaller, lambda_client
from shared.adapters.s3_objects import s3_objects
from shared.ports import Clock, Table
from shared.ports.objects import Objects


class Caller(Protocol):
    """Calls a function without waiting."""

    def call(self, payload: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """``again``: this function itself, for what does not fit into one run."""

    objects: Objects
    customers: Table
    catalog: Table
    clock: Clock
    again: Caller
    scratch: Path
    memory_mb: int


@cache
def environment() -> Environment:
    """Raises KeyError with the name of the variable that is missing."""
    client = dynamo_client()
    stage = os.environ["KERVAN_STAGE"]
    return Environment(
        objects=s3_objects(os.environ["KERVAN_LAKE_BUCKET"]),
        customers=DynamoTable(client, os.environ["KERVAN_CUSTOMERS"]),
        catalog=DynamoTable(client, os.environ["KERVAN_CATALOG"]),
        clock=clock_for(os.environ.get("KERVAN_CLOCK", "") if stage == "local" else ""),
        again=LambdaCaller(lambda_client(), os.environ["KERVAN_PREDICTIONS"]),
        scratch=Path(gettempdir()),
        memory_mb=int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")) // 2,
    )
