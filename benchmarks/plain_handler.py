"""What a Lambda handler with boto3, pydantic and Powertools usually begins with; the yardstick for import times."""

from __future__ import annotations

from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel

logger = Logger(service="plain")
app = APIGatewayHttpResolver()


class Order(BaseModel):
    """One model is enough to build pydantic's machinery."""

    order_id: str
    total: float


def client() -> Any:
    """Made by most handlers as they are imported."""
    return boto3.client("dynamodb")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
