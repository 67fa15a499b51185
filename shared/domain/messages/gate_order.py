"""The questions that a message passes, in their order, and which of them a reason belongs to: for who explains one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from shared.domain.messages.describe_reason import Said
from shared.domain.messages.message import Reason


class Question(NamedTuple):
    """One question before a message is sent. ``name`` is that of the gate in ``gates.py``, where it is one."""

    name: str
    said: Said
    reasons: frozenset[str]


Answer = Literal["passed", "stopped", "not_asked"]

_STOPPED = frozenset(one.value for one in Reason if one.value.startswith(Reason.STOPPED.value))
ORDER: Sequence[Question] = (
    Question(
        "journey",
        Said("Yolculuk sürüyor ve adım söylenmeli mi?", "Does the journey go on, and is the step to be said?"),
        _STOPPED
        | {"unless", "piled_up", Reason.SUPERSEDED, Reason.ALREADY_SAID, Reason.SAME_CUSTOMER, Reason.SAME_ADDRESS},
    ),
    Question("exists", Said("Müşteri biliniyor mu?", "Is the customer known?"), frozenset({Reason.ERASED})),
    Question(
        "not_restricted",
        Said("Kişi verilerinin işlenmesini kısıtlamamış mı?", "Has the person not restricted the use of his data?"),
        frozenset({Reason.RESTRICTED}),
    ),
    Question(
        "not_objected",
        Said("Kişi tanıtıma itiraz etmemiş mi?", "Has the person not objected to marketing?"),
        frozenset({Reason.OBJECTED}),
    ),
    Question("not_stopped_for_all", Said("Gönderim açık mı?", "Is sending on?"), frozenset({Reason.GLOBAL_STOP})),
    Question(
        "journey_runs",
        Said("Yolculuk ya da kampanya çalışıyor mu?", "Does the journey or campaign run?"),
        frozenset({Reason.PAUSED, Reason.JOURNEY_STOPPED, Reason.CAMPAIGN_CANCELLED}),
    ),
    Question(
        "not_left_out",
        Said("Kampanyanın dışarıda bıraktığı bir segmentte değil mi?", "Is no segment of the customer left out?"),
        frozenset({Reason.EXCLUDED_SEGMENT}),
    ),
    Question(
        "on_allow_list",
        Said("İzin listesi varsa müşteri listede mi?", "If there is an allow-list, is the customer on it?"),
        frozenset({Reason.NOT_ON_ALLOW_LIST}),
    ),
    Question(
        "has_template",
        Said("Bu kanal ve dil için şablon var mı?", "Is there a template for this channel and language?"),
        frozenset({Reason.TEMPLATE_MISSING}),
    ),
    Question(
        "has_address",
        Said("Bu kanalda bir adresi var mı?", "Has the customer an address on this channel?"),
        frozenset({Reason.NO_ADDRESS, Reason.DEAD_TOKEN}),
    ),
    Question(
        "not_suppressed", Said("Adres ileti alıyor mu?", "Does the address take mail?"), frozenset({Reason.SUPPRESSED})
    ),
    Question(
        "consented",
        Said("Bu kanal ve amaç için onay var mı?", "Is there consent for this channel and purpose?"),
        frozenset({Reason.NO_CONSENT}),
    ),
    Question(
        "approved_at_iys",
        Said("İYS'de onayı kayıtlı mı?", "Does IYS hold the approval?"),
        frozenset({Reason.NOT_IN_IYS}),
    ),
    Question("fresh", Said("İleti hâlâ güncel mi?", "Is the message still fresh?"), frozenset({Reason.STALE})),
    Question(
        "coupon_due",
        Said("Bu kupon yeniden verilebilir mi?", "May this coupon be given again?"),
        frozenset({Reason.COUPON_ONCE_PER}),
    ),
    Question(
        "not_paused_by_customer",
        Said("Müşteri ara vermemiş mi?", "Has the customer not paused messages?"),
        frozenset({Reason.PAUSED_BY_CUSTOMER}),
    ),
    Question(
        "reputation_unharmed",
        Said("Kanalın itibarı iyi mi?", "Is the channel's reputation good?"),
        frozenset({Reason.REPUTATION}),
    ),
    Question(
        "no_open_case",
        Said("Açık bir şikâyet ya da iade yok mu?", "Is no complaint or return open?"),
        frozenset({Reason.OPEN_CASE}),
    ),
    Question(
        "no_reported_order",
        Said("Doğrulanmayı bekleyen sipariş yok mu?", "Does no order wait to be confirmed?"),
        frozenset({Reason.PROVISIONAL_ORDER}),
    ),
    Question("in_turn", Said("Sırası geldi mi?", "Is it this journey's turn?"), frozenset({Reason.PRIORITY})),
    Question(
        "within_caps",
        Said("Mağazanın ileti sınırı dolmamış mı?", "Is it within the shop's limits?"),
        frozenset({Reason.DAILY_CAP, Reason.WEEKLY_CAP, Reason.CHANNEL_CAP}),
    ),
    Question(
        "within_personal_cap",
        Said("Müşterinin kendi sınırı dolmamış mı?", "Is it within the customer's own limit?"),
        frozenset({Reason.PERSONAL_CAP}),
    ),
    Question(
        "in_send_hours",
        Said("Müşterinin saatiyle gönderim saatinde mi?", "Is it within the send hours at the customer's place?"),
        frozenset({Reason.QUIET_HOURS}),
    ),
    Question(
        "content_still_true",
        Said("İçindekiler hâlâ doğru mu?", "Is what it says still true?"),
        frozenset({Reason.CONTENT_MISSING, Reason.OUT_OF_STOCK, Reason.PRICE_ROSE}),
    ),
    Question(
        "sending",
        Said("Gönderici ve kupon hazır mı?", "Are the sender and the coupon ready?"),
        frozenset({Reason.SENDING_OFF, Reason.SHADOW_MODE, Reason.COUPON_POOL_EMPTY, Reason.WARM_UP}),
    ),
    Question(
        "provider",
        Said("Sağlayıcı iletiyi aldı mı?", "Did the provider take it?"),
        frozenset(
            {
                Reason.THROTTLED,
                Reason.QUOTA,
                Reason.PROVIDER_DOWN,
                Reason.PROVIDER_RECOVERING,
                Reason.OPTED_OUT,
                Reason.INVALID_NUMBER,
                Reason.UNDELIVERABLE,
            }
        ),
    ),
)
"""The gates in the order of ``GATES``; before them what the journey asks, and behind them what happens at the call."""

_PLACE: Mapping[str, int] = {reason: place for place, one in enumerate(ORDER) for reason in one.reasons}


def answers(reason: str | None) -> list[tuple[Question, Answer]]:
    """Every question with its answer: all passed without a reason; else up to the one that objected. A word that is not
    ours is the provider's."""
    if reason is None:
        return [(one, "passed") for one in ORDER]
    stopped = len(ORDER) - 1 if reason not in _PLACE else _PLACE[reason]
    return [
        (one, "passed" if place < stopped else "stopped" if place == stopped else "not_asked")
        for place, one in enumerate(ORDER)
    ]
