"""A condition as part of a sentence, in Turkish and in English."""

from __future__ import annotations

from typing import Literal, assert_never

from shared.domain.definitions.bounds import CountBounds
from shared.domain.journeys.conditions import (
    AllOf,
    AnyOf,
    Bought,
    Condition,
    InCart,
    LookedAgain,
    Not,
    OpenCase,
    Ordered,
    SameOrder,
)
from shared.domain.segments.describe import describe_rule
from shared.domain.segments.state_rules import CartIs
from shared.domain.time.durations import describe_duration

Language = Literal["tr", "en"]

_STATES = {
    "tr": {"completed": "tamamlanmış", "cancelled": "iptal edilmiş", "fully_refunded": "tamamen iade edilmiş"},
    "en": {"completed": "completed", "cancelled": "cancelled", "fully_refunded": "wholly refunded"},
}
_BOUNDS = {
    "exactly": ("tam", "exactly"),
    "at_least": ("en az", "at least"),
    "more_than": ("fazlası şundan:", "more than"),
    "at_most": ("en çok", "at most"),
    "less_than": ("azı şundan:", "less than"),
}


def describe_condition(condition: Condition, language: Language) -> str:
    """To be read after "if", or in Turkish before "ise"."""
    turkish = language == "tr"
    match condition:
        case Ordered() if condition.ordered.within is not None:
            within = describe_duration(condition.ordered.within, language)
            return f"son {within} içinde sipariş verilmiş" if turkish else f"anything was ordered within {within}"
        case Ordered():
            return "o zamandan beri herhangi bir kanalda sipariş verilmiş" if turkish else "anything was ordered since"
        case SameOrder():
            states = (" veya " if turkish else " or ").join(_STATES[language][one] for one in condition.order.status)
            return f"aynı sipariş {states}" if turkish else f"the same order is {states}"
        case OpenCase():
            same = condition.open_case.same
            if turkish:
                return f"{'aynı sipariş için ' if same else ''}açık bir şikâyet, iade ya da geri ödeme var"
            return f"there is an open complaint, return or refund{' about the same order' if same else ''}"
        case Bought() | InCart() | LookedAgain():
            return _product(condition, language)
        case AnyOf():
            return (" veya " if turkish else " or ").join(_inner(part, language) for part in condition.any)
        case AllOf():
            return (" ve " if turkish else " and ").join(_inner(part, language) for part in condition.all)
        case Not():
            inner = describe_condition(condition.not_, language)
            return f"şu doğru değil: {inner}" if turkish else f"it is not so that {inner}"
        case CartIs() if (
            condition.cart.items is not None and condition.cart.value is None and condition.cart.age is None
        ):
            return _cart(condition.cart.items, language)
        case _:
            rule = describe_rule(condition, language)
            return f"müşteri {rule} biri" if turkish else f"the customer is one {rule}"


def _product(condition: Bought | InCart | LookedAgain, language: Language) -> str:
    turkish = language == "tr"
    match condition:
        case Bought():
            return "aynı ürün o zamandan beri satın alınmış" if turkish else "the same product was bought since"
        case InCart():
            return "aynı ürün sepette" if turkish else "the same product is in the cart"
        case LookedAgain():
            within = describe_duration(condition.looked_again.within, language)
            again = f"son {within} içinde bir ürüne birden çok kez bakılmış"
            return again if turkish else f"one product was looked at more than once within {within}"
        case _:
            assert_never(condition)


def _inner(condition: Condition, language: Language) -> str:
    """In brackets where "and" and "or" would run together."""
    said = describe_condition(condition, language)
    return f"({said})" if isinstance(condition, AnyOf | AllOf) else said


def _cart(count: CountBounds, language: Language) -> str:
    turkish = language == "tr"
    if count == CountBounds(exactly=0):
        return "sepet boş" if turkish else "the cart is empty"
    bounds = [(words[0 if turkish else 1], getattr(count, name)) for name, words in _BOUNDS.items()]
    items = (" ve " if turkish else " and ").join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    if turkish:
        return f"sepette {items} ürün var"
    return f"the cart holds {items} {'product' if items.endswith(' 1') else 'products'}"
