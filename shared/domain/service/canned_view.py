"""What a canned answer sees of a conversation: the customer, the order that it is about, the agent, the shop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.conversations.conversation import Conversation
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.profile.profile import Order, Profile
from shared.domain.service.rules import ServiceRules
from shared.domain.templates.formats import moment_text, money
from shared.domain.templates.view import customer_names


def canned_view(
    one: Conversation, profile: Profile, agent: str, rules: ServiceRules, language: str
) -> dict[str, dict[str, str] | str]:
    """Texts only, so that nothing of a customer is more than words. What is not known is empty."""
    order = _order(one, profile)
    shop: Mapping[str, Any] = rules.shop
    return {
        "customer": {
            **customer_names(profile),
            "email": _address(profile, IdentifierType.EMAIL),
            "phone": _address(profile, IdentifierType.PHONE),
        },
        "order": {"id": one.order_id} if order is None else _shown_order(order, ZoneInfo(rules.time_zone), language),
        "conversation": {"id": one.id, "subject": one.subject, "order_id": one.order_id},
        "agent": agent,
        "shop": {name: str(shop.get(name, "")) for name in ("name", "contact", "address")},
    }


def _order(one: Conversation, profile: Profile) -> Order | None:
    """That which the conversation names; if it names none, the newest."""
    if one.order_id:
        return next((order for order in profile.orders if order.id == one.order_id), None)
    return max(profile.orders, key=lambda order: (order.at, order.id), default=None)


def _shown_order(order: Order, zone: ZoneInfo, language: str) -> dict[str, str]:
    state = "delivered" if order.delivered_at else "shipped" if order.shipped_at else order.state
    return {
        "id": order.id,
        "state": state,
        "total": money(order.total, order.currency, language),
        "currency": order.currency,
        "at": moment_text(order.at, zone, language),
    }


def _address(profile: Profile, kind: IdentifierType) -> str:
    return next((one.value for one in profile.identifiers if one.type is kind), "")
