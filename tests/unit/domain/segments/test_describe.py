"""Segments read aloud."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from shared.domain.segments import describe
from shared.domain.segments.definition import NODES, SegmentDefinition
from shared.domain.segments.describe import describe_rule, describe_segment
from tests.support.world import SEGMENTS

pytestmark = pytest.mark.unit


def test_at_risk_in_both_languages() -> None:
    """The rule for lapsed customers reads as one sentence that says each part."""
    at_risk = SEGMENTS[1]
    assert describe_segment(at_risk, "tr") == (
        "at-risk: en az 1 siparişi olan ve (son 90 gün içinde en az 1 siparişi olan) olmayan müşteriler."
    )
    assert describe_segment(at_risk, "en") == (
        "at-risk: customers with at least 1 order and not those with at least 1 order within the last 90 days."
    )


def test_nested_groups_are_bracketed() -> None:
    """An "or" inside an "and" does not run together with it."""
    either = {"any": [{"orders": {"exactly": 1}}, {"orders": {"more_than": 5, "within": "180d"}}]}
    rule = {"segment": "x", "label": {"en": "X"}, "who": {"all": [either, {"orders": {"at_most": 9}}]}}
    assert describe_segment(SegmentDefinition.model_validate(rule), "en") == (
        "X: customers (with exactly 1 order or with more than 5 orders within the last 180 days)"
        " and with at most 9 orders."
    )


ALOUD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"orders": {"more_than": 5, "within": "180d", "category": "Çanta", "channel": ["web", "store"]}},
        "with more than 5 orders from the category Çanta on web or store within the last 180 days",
        "son 180 gün içinde 5 adetten fazla web veya store kanalında verilmiş Çanta kategorisinden siparişi olan",
    ),
    (
        {"orders": {"total": {"at_least": 5.5}, "coupon": ["A", "B"], "status": ["shipped"], "last": {"within": "7d"}}},
        ("who paid at least 5.5 in all for shipped orders with the coupon A or B and"
         " whose last shipped order with the coupon A or B was within the last 7 days"),
        ("verdiği A veya B kuponlu kargoya verilmiş siparişlerin toplamı en az 5,5 olan ve"
         " son A veya B kuponlu kargoya verilmiş siparişi son 7 gün içinde olan"),
    ),
    (
        {"event": {"name": "Product Viewed", "where": {"price": {"at_least": 10}}, "at_least": 3, "within": "7d"}},
        "with at least 3 “Product Viewed” (price is at least 10) events within the last 7 days",
        "son 7 gün içinde en az 3 “Product Viewed” olayı (price en az 10 olan) olan",
    ),
    ({"trait": {"name": "city", "one_of": ["İzmir", "Ankara"]}}, "whose city is İzmir or Ankara",
     "city bilgisi İzmir veya Ankara olan"),
    ({"trait": {"name": "plan", "exists": False}}, "whose plan is not known", "plan bilgisi bilinmeyen"),
    ({"received": {"channel": "sms", "within": "30d"}},
     "who received at least 1 message by SMS within the last 30 days",
     "son 30 gün içinde SMS ile en az 1 mesaj alan"),
    ({"opens": {"channel": "email", "by": "machine"}}, "for whom a program opened at least 1 message by e-mail",
     "e-posta ile gelen en az 1 mesajı bir program tarafından açılan"),
    ({"clicks": {"purpose": "marketing", "more_than": 3}}, "who clicked more than 3 times in marketing messages",
     "pazarlama amaçlı mesajlara 3 kezden fazla tıklayan"),
    ({"consent": {"channel": "sms", "granted": False}}, "who have not agreed to marketing by SMS",
     "SMS ile pazarlama izni olmayan"),
    ({"reachable": {}}, "who can be reached on some channel for marketing messages",
     "pazarlama mesajları için herhangi bir kanaldan ulaşılabilen"),
    ({"active": {"channel": "app", "device": "ios", "within": "7d"}},
     "who were active on app with ios within the last 7 days",
     "son 7 gün içinde app kanalında ios cihazıyla etkin olmuş"),
    ({"anniversary": {"this": "week"}}, "whose birthday is this week", "doğum günü bu hafta olan"),
    ({"anniversary": {"trait": "since", "ahead": "7d"}}, "whose anniversary of since is within the next 7 days",
     "since yıl dönümü önümüzdeki 7 gün içinde olan"),
    ({"cart": {"value": {"more_than": 100}, "age": {"at_least": "1h", "less_than": "30d"}}},
     "whose cart is worth more than 100 and whose cart was last changed at least 1 hour but less than 30 days ago",
     "sepetinin değeri 100 üzerinde olan ve sepeti en az 1 saat önce ama son 30 gün içinde değişmiş olan"),
    ({"overdue": {"times": 1.5}}, "whose last order is longer ago than 1.5 times their own purchase cycle",
     "son siparişinin üzerinden geçen süre kendi alışveriş döngüsünün 1,5 katını aşmış olan"),
    ({"in_segment": "vip"}, "in the segment vip", "vip segmentinde olan"),
    ({"any": [{"overdue": {}}, {"not": {"any": [{"in_segment": "a"}, {"in_segment": "b"}]}}]},
     "whose last order is longer ago than their own purchase cycle or not those (in the segment a or in the segment b)",
     ("son siparişinin üzerinden geçen süre kendi alışveriş döngüsünü aşmış olan veya"
      " (a segmentinde olan veya b segmentinde olan) olmayan")),
]  # fmt: skip


@pytest.mark.parametrize(("who", "english", "turkish"), ALOUD)
def test_every_node_reads_aloud(who: dict[str, Any], english: str, turkish: str) -> None:
    """What is asked, how much, of what and since when; before the noun in Turkish, behind it in English."""
    node = SegmentDefinition.model_validate({"segment": "s", "who": who}).who
    assert describe_rule(node, "en") == english
    assert describe_rule(node, "tr") == turkish


def test_no_node_is_left_out() -> None:
    """The list above holds every word of the language."""
    words = {word for who, _, _ in ALOUD for word in who} | {"all", "any", "not"}
    assert words == NODES.keys()


def test_the_example_is_true() -> None:
    """The docstring's example says what the function does."""
    assert doctest.testmod(describe).failed == 0
