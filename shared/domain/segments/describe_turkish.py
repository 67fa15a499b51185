"""What each node asks, in Turkish, to be read before "müşteriler"."""

from __future__ import annotations

from typing import assert_never

from shared.domain.segments.counting_rules import (
    Active,
    ActiveRule,
    Clicks,
    Event,
    EventRule,
    Opens,
    OrderRule,
    Orders,
    Overdue,
    Received,
    ReceivedRule,
    TouchRule,
)
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.describe_value import describe_trait, describe_where
from shared.domain.segments.phrases import (
    CHANNELS,
    amounts,
    counts,
    last_turkish,
    listed,
    number,
    purpose_word,
    times_turkish,
)
from shared.domain.segments.state_rules import (
    Anniversary,
    AnniversaryRule,
    CartIs,
    CartRule,
    HasConsent,
    Reachable,
    TraitIs,
)
from shared.domain.time.durations import describe_duration

_ON = CHANNELS["tr"]


def turkish_parts(node: Leaf) -> list[str]:  # noqa: C901 - one line per node
    """The parts of what a node asks; all must hold."""
    match node:
        case Orders():
            return _orders(node.orders)
        case Event():
            return _event(node.event)
        case TraitIs():
            return [f"{node.trait.name} bilgisi {said}" for said in describe_trait(node.trait, "tr")]
        case Received():
            rule = node.received
            return [f"{last_turkish(rule.within)}{_by(rule)}{counts(rule.counting, 'tr')} {_purpose(rule)}mesaj alan"]
        case Opens():
            return [_opens(node.opens)]
        case Clicks():
            return [_clicks(node.clicks)]
        case HasConsent():
            rule_ = node.consent
            word = "olan" if rule_.granted else "olmayan"
            text = f" ({', '.join(rule_.text_not)} dışındaki bir metne verilmiş)" if rule_.text_not else ""
            return [f"{_ON[rule_.channel]} ile {purpose_word(rule_.purpose, 'tr')} izni{text} {word}"]
        case Reachable():
            channel = node.reachable.channel
            way = "herhangi bir kanaldan" if channel is None else f"{_ON[channel]} ile"
            return [f"{purpose_word(node.reachable.purpose, 'tr')} mesajları için {way} ulaşılabilen"]
        case Active():
            return [_active(node.active)]
        case Anniversary():
            return [_anniversary(node.anniversary)]
        case CartIs():
            return _cart(node.cart)
        case Overdue():
            times = node.overdue.times
            cycle = "döngüsünü" if times == 1 else f"döngüsünün {number(times, 'tr')} katını"
            return [f"son siparişinin üzerinden geçen süre kendi alışveriş {cycle} aşmış olan"]
        case InSegment():
            return [f"{node.in_segment} segmentinde olan"]
        case _:
            assert_never(node)


def _orders(rule: OrderRule) -> list[str]:
    parts = []
    which, last = _which(rule), last_turkish(rule.within)
    said = counts(rule, "tr")
    if said:
        parts.append(f"{last}{said} {which}siparişi olan")
    if rule.total is not None:
        parts.append(f"{last}verdiği {which}siparişlerin toplamı {amounts(rule.total, 'tr')} olan")
    if rule.average is not None:
        parts.append(f"{last}verdiği {which}siparişlerin ortalaması {amounts(rule.average, 'tr')} olan")
    for word, recent in (("ilk", rule.first), ("son", rule.last)):
        if recent is not None:
            parts.append(f"{word} {which}siparişi {last_turkish(recent.within)}olan")
    return parts


_STATUS = {
    "completed": "tamamlanmış",
    "shipped": "kargoya verilmiş",
    "delivered": "teslim edilmiş",
    "cancelled": "iptal edilmiş",
    "fully_refunded": "tamamen iade edilmiş",
    "refunded": "kısmen veya tamamen iade edilmiş",
}


def _which(rule: OrderRule) -> str:
    """Which orders, before the noun."""
    said = ""
    if rule.channel is not None:
        said += f"{listed(rule.channel, 'tr')} kanalında verilmiş "
    if rule.category is not None:
        said += f"{listed(rule.category, 'tr')} kategorisinden "
    match rule.coupon:
        case None:
            pass
        case bool():
            said += "kuponlu " if rule.coupon else "kuponsuz "
        case codes:
            said += f"{listed(codes, 'tr')} kuponlu "
    if rule.status is not None:
        said += f"{listed((_STATUS[word] for word in rule.status), 'tr')} "
    return said


def _event(rule: EventRule) -> list[str]:
    tests = "" if rule.where is None else describe_where(rule.where, "tr")
    name = f"“{rule.name}” olayı{f' ({tests})' if tests else ''}"
    parts = []
    if rule.counting is not None:
        parts.append(f"{last_turkish(rule.within)}{counts(rule.counting, 'tr')} {name} olan")
    for word, recent in (("ilk", rule.first), ("son", rule.last)):
        if recent is not None:
            parts.append(f"{word} {name} {last_turkish(recent.within)}olan")
    return parts


def _by(rule: ReceivedRule) -> str:
    return "" if rule.channel is None else f"{_ON[rule.channel]} ile "


def _purpose(rule: ReceivedRule) -> str:
    return "" if rule.purpose is None else f"{purpose_word(rule.purpose, 'tr')} amaçlı "


def _coming(rule: ReceivedRule) -> str:
    return "" if rule.channel is None else f"{_ON[rule.channel]} ile gelen "


def _opens(rule: TouchRule) -> str:
    what = f"{last_turkish(rule.within)}{_coming(rule)}{counts(rule.counting, 'tr')} {_purpose(rule)}"
    match rule.by:
        case "human":
            return f"{what}mesajı açan"
        case "machine":
            return f"{what}mesajı bir program tarafından açılan"
        case "anybody":
            return f"{what}mesajı kendisi veya bir program tarafından açılan"


def _clicks(rule: TouchRule) -> str:
    what = f"{last_turkish(rule.within)}{_coming(rule)}{_purpose(rule)}mesajlara"
    if rule.channel is None and rule.purpose is None:
        what = f"{last_turkish(rule.within)}mesajlarımıza"
    times = times_turkish(rule.counting)
    match rule.by:
        case "human":
            return f"{what} {times} tıklayan"
        case "machine":
            return f"{what} bir program tarafından {times} tıklanan"
        case "anybody":
            return f"{what} kendisi veya bir program tarafından {times} tıklanan"


def _active(rule: ActiveRule) -> str:
    on = "" if rule.channel is None else f"{listed(rule.channel, 'tr')} kanalında "
    device = "" if rule.device is None else f"{listed(rule.device, 'tr')} cihazıyla "
    return f"{last_turkish(rule.within) or 'herhangi bir zamanda '}{on}{device}etkin olmuş"


def _anniversary(rule: AnniversaryRule) -> str:
    what = "doğum günü" if rule.trait == "birthday" else f"{rule.trait} yıl dönümü"
    if rule.ahead is not None and rule.ahead.days > 1:
        return f"{what} önümüzdeki {rule.ahead.days} gün içinde olan"
    return f"{what} {'bu hafta' if rule.this == 'week' else 'bu ay' if rule.this == 'month' else 'bugün'} olan"


def _cart(rule: CartRule) -> list[str]:
    parts = []
    if rule.items is not None:
        parts.append(f"sepetinde {counts(rule.items, 'tr')} ürün bulunan")
    if rule.value is not None:
        parts.append(f"sepetinin değeri {amounts(rule.value, 'tr')} olan")
    if rule.age is not None:
        ages = []
        if rule.age.at_least is not None:
            ages.append(f"en az {describe_duration(rule.age.at_least, 'tr')} önce")
        if rule.age.less_than is not None:
            ages.append(f"son {describe_duration(rule.age.less_than, 'tr')} içinde")
        parts.append(f"sepeti {' ama '.join(ages)} değişmiş olan")
    return parts
