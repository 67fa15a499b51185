"""JSON Schemas of all kinds of documents in a folder of definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.feed import Feed
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.shop import Shop
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.senders.gateway import Gateway
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.definition import TemplateDefinition

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: Mapping[str, type[BaseModel]] = {
    "segment": SegmentDefinition,
    "journey": JourneyDefinition,
    "coupon": CouponDefinition,
    "team": TeamDefinition,
    "routing": RoutingDefinition,
    "canned_answer": CannedAnswerDefinition,
    "campaign": CampaignDefinition,
    "sender": Gateway,
    "connector": Connector,
    "feed": Feed,
    "shop": Shop,
    "template": TemplateDefinition,
}


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one kind; the names of its properties are those that a file writes."""
    return {"$schema": DIALECT, **SCHEMAS[kind].model_json_schema(by_alias=True, mode="validation")}
