"""The scene ``shop`` of each version: a small shop in the middle of its work, from events to messages, on moto."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.flow.aws_tables import TABLES
from tests.flow.deployment import Deployment, local
from tests.flow.releases import kept
from tests.flow.releases.scenes import SHOP
from tests.flow.sources import consent
from tests.support.moto_wire import boto3_client

QUESTIONS = (
    "customers/user:ayse", "customers/user:ayse/timeline", "customers/user:ayse/messages", "customers/user:ayse/links",
    "customers/user:ayse/consents", "customers/anonymous:browser", "customers/user:mehmet",
    "customers/user:mehmet/timeline", "customers/user:zeynep/consents", "segments", "journeys", "campaigns/autumn",
)  # fmt: skip
"""What is asked of the stored data, before and after an upgrade."""
SHIRT = {"product_id": "shirt", "name": "Keten gömlek", "price": 899.9, "quantity": 1}
AUTUMN = {
    "campaign": "autumn", "segment": "new", "send": "newsletter", "purpose": "marketing", "channels": ["email"],
    "at": "2026-11-24T16:00",
}  # fmt: skip
"""To new customers, thirty hours after the beginning."""
CAMPAIGN_HOUR = 30


def play(deployment: Deployment) -> None:
    """Monday 10:00 to 12:00: a cart is reminded of once and waits for its second reminder, an order was made by card,
    somebody withdrew her consent, two identifiers were linked, a campaign waits for tomorrow."""
    people = (("ayse", "Ayşe"), ("mehmet", "Mehmet"), ("zeynep", "Zeynep"))
    for user, name in people:
        traits = {"email": f"{user}@example.com", "firstName": name, "language": "tr", "city": "Ankara"}
        deployment.send("server", {"type": "identify", "userId": user, "traits": traits}, *consent(user, "email"))
    withdrawn = {"channel": "email", "purpose": "marketing", "text_version": "1"}
    deployment.send(
        "server",
        {"type": "track", "event": "Consent Withdrawn", "userId": "zeynep", "properties": withdrawn, "messageId": "no"},
    )
    deployment.send(
        "web",
        {"type": "track", "event": "Product Added", "properties": SHIRT, "anonymousId": "browser", "messageId": "cart"},
        {"type": "identify", "userId": "ayse", "anonymousId": "browser", "messageId": "sign-in"},
    )
    card = {"externalIds": [{"type": "loyalty", "id": "L7"}]}
    order = {"order_id": "S-1", "total": 500, "products": [{"product_id": "socks", "quantity": 1, "price": 500}]}
    deployment.send(
        "store",
        {"type": "identify", "userId": "mehmet", "context": card, "messageId": "card"},
        {"type": "track", "event": "Order Completed", "context": card, "properties": order, "messageId": "order"},
    )
    deployment.settle()
    planned = deployment.ask("campaigns", body={"definition": AUTUMN})
    assert planned["state"] == "scheduled", planned
    deployment.advance(local(2))


def answers(deployment: Deployment) -> dict[str, Any]:
    """To all questions."""
    return {question: deployment.read(*question.split("/")) for question in QUESTIONS}


def write(version: str, deployment: Deployment) -> Path:
    """Keep what is stored, and what was answered, in the version's file."""
    client = boto3_client("dynamodb")
    items = {
        table: [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
        for table in TABLES
    }
    found = {"at": deployment.clock.at.isoformat(), "items": items, "answers": answers(deployment)}
    return kept.write(version, SHOP, found)


def store(found: Any) -> None:
    """Put the items of a file into empty tables, as they are."""
    client = boto3_client("dynamodb")
    for table, items in found["items"].items():
        for item in items:
            client.put_item(TableName=table, Item=item)
