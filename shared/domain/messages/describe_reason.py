"""Why a message was not sent, as a sentence in Turkish and in English. What is behind it stands in the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.domain.messages.message import Reason


class Said(NamedTuple):
    """One sentence in both languages."""

    tr: str
    en: str


SENTENCES: Mapping[str, Said] = {
    Reason.ERASED: Said("Bu müşteri artık kayıtlı değil.", "This customer is not known any more."),
    Reason.RESTRICTED: Said(
        "Kişi, verilerinin işlenmesinin kısıtlanmasını istedi.", "The person asked to restrict the use of his data."
    ),
    Reason.OBJECTED: Said(
        "Kişi, verilerinin tanıtım için kullanılmasına itiraz etti.", "The person objected to marketing."
    ),
    Reason.GLOBAL_STOP: Said("Tüm gönderimler durduruldu.", "All sending is stopped."),
    Reason.PAUSED: Said("Gönderimi elle duraklatıldı.", "Its sending was paused by hand."),
    Reason.JOURNEY_STOPPED: Said("Yolculuk elle durduruldu ya da kaldırıldı.", "The journey was stopped or removed."),
    Reason.CAMPAIGN_CANCELLED: Said("Kampanya iptal edildi.", "The campaign was cancelled."),
    Reason.EXCLUDED_SEGMENT: Said(
        "Müşteri, kampanyanın dışarıda bıraktığı bir segmentte.",
        "The customer is in a segment that the campaign leaves out.",
    ),
    Reason.SHADOW_MODE: Said(
        "Deneme kipi açık: karar verilir, gönderilmez.", "Shadow mode is on: it is decided and not sent."
    ),
    Reason.NOT_ON_ALLOW_LIST: Said(
        "İzin listesi var ve müşteri bu listede değil.", "There is an allow-list, and the customer is not on it."
    ),
    Reason.SENDING_OFF: Said("Bu kanal için gönderen ayarlanmamış.", "No sender is configured for this channel."),
    Reason.TEMPLATE_MISSING: Said(
        "Şablon bu kanal ve dil için yok.", "The template does not exist for this channel and language."
    ),
    Reason.CONTENT_MISSING: Said(
        "Şablonun istediği bir bilgi müşteride yok.", "The customer lacks something that the template needs."
    ),
    Reason.OUT_OF_STOCK: Said("Mesajın konusu olan ürün tükendi.", "The product that it is about is out of stock."),
    Reason.PRICE_ROSE: Said("Ürünün fiyatı yükseldi.", "The product costs more now than the customer was told."),
    Reason.NO_ADDRESS: Said("Bu kanal için adres bilinmiyor.", "No address is known for this channel."),
    Reason.DEAD_TOKEN: Said(
        "Uygulamanın bildirim adresi artık geçerli değil.", "The provider says that the push token is dead."
    ),
    Reason.SUPPRESSED: Said(
        "Adres geri döndü ya da tüm iletileri reddetti.", "The address bounced, or refused every message."
    ),
    Reason.NO_CONSENT: Said(
        "Bu adres, kanal ve amaç için onay yok.", "There is no consent for this address, channel and purpose."
    ),
    Reason.NOT_IN_IYS: Said(
        "Onay, İleti Yönetim Sistemi'nde kayıtlı değil.",
        "Turkey's register of consent (IYS) does not hold the approval.",
    ),
    Reason.OPTED_OUT: Said("Numara sağlayıcıda ret listesinde.", "The number opted out at the provider."),
    Reason.INVALID_NUMBER: Said("Sağlayıcı numarayı geçersiz buluyor.", "The provider calls the number invalid."),
    Reason.UNDELIVERABLE: Said("Sağlayıcı kalıcı olarak reddetti.", "The provider refused it for good."),
    Reason.STALE: Said("Zamanı geçti: artık güncel değil.", "It came too late to be fresh."),
    Reason.SUPERSEDED: Said("Bunun yerine başka bir ileti geçerli.", "Another message or run acts instead."),
    Reason.ALREADY_SAID: Said(
        "Aynı ya da daha sonraki adım müşteriye zaten söylendi.", "This step, or a later one, was said already."
    ),
    Reason.SAME_CUSTOMER: Said(
        "Kampanya bu kişiye başka bir profille ulaştı.", "The campaign reached this person as another profile."
    ),
    Reason.SAME_ADDRESS: Said(
        "Kampanya bu adrese başka bir müşteri için gönderildi.",
        "The campaign went to this address for another customer.",
    ),
    Reason.DAILY_CAP: Said("Bugünkü ileti sınırı doldu.", "Today's limit of messages is reached."),
    Reason.WEEKLY_CAP: Said("Yedi günlük ileti sınırı doldu.", "The limit of messages in seven days is reached."),
    Reason.CHANNEL_CAP: Said("Bu kanalın ileti sınırı doldu.", "The limit of this channel is reached."),
    Reason.PERSONAL_CAP: Said(
        "Müşteri daha seyrek ileti istedi; seçtiği sınır doldu.",
        "The customer asked for fewer messages, and the limit that he chose is reached.",
    ),
    Reason.PAUSED_BY_CUSTOMER: Said(
        "Müşteri kampanya iletilerine ara verdi.", "The customer paused commercial messages."
    ),
    Reason.QUIET_HOURS: Said(
        "Müşterinin saatine göre gönderim saatleri dışında.", "It is outside the send hours at the customer's place."
    ),
    Reason.THROTTLED: Said("Sağlayıcı hız sınırı koydu.", "The provider limited the rate."),
    Reason.PROVIDER_DOWN: Said(
        "Sağlayıcı şu anda ileti almıyor; yeniden denenecek.", "The provider takes no messages now; it is tried again."
    ),
    Reason.PROVIDER_RECOVERING: Said(
        "Sağlayıcı yeniden çalışıyor; bekleyen iletiler sırayla gönderiliyor.",
        "The provider works again; what waited goes out in turn.",
    ),
    Reason.WARM_UP: Said(
        "Yeni gönderici ısınıyor: bugünkü gönderim sayısı doldu ya da daha ilgili müşteriler önce alıyor.",
        "The sender is new: today's volume is used, or more engaged customers come first.",
    ),
    Reason.QUOTA: Said(
        "Amazon SES'in günlük kotası dolmak üzere; kalan yer sipariş ve hesap iletileri için.",
        "The daily quota of Amazon SES is nearly used; what is left of it is kept for messages such as confirmations.",
    ),
    Reason.REPUTATION: Said(
        "Çok sayıda geri dönme ya da şikâyet oldu; pazarlama e-postaları bir yetkili devam ettirene kadar bekliyor.",
        "Too many bounces or complaints: marketing waits until an operator lets it go on.",
    ),
    Reason.OPEN_CASE: Said("Açık bir şikâyet, iade ya da geri ödeme var.", "A complaint, return or refund is open."),
    Reason.PROVISIONAL_ORDER: Said(
        "Henüz doğrulanmamış bir sipariş bildirildi; bir saat beklenir.",
        "An order was reported that no trusted source has confirmed yet; it waits for an hour.",
    ),
    Reason.PRIORITY: Said(
        "Önceliği daha yüksek bir yolculuk önce gönderiyor.", "A journey of higher priority sends first."
    ),
    Reason.COUPON_ONCE_PER: Said(
        "Müşteriye bu kupon kısa süre önce verildi.", "The customer was given this coupon a short time ago."
    ),
    Reason.COUPON_POOL_EMPTY: Said("Kupon kodu kalmadı.", "No coupon code is left."),
    Reason.STOPPED: Said("Yolculuğun çıkış koşulu gerçekleşti.", "The exit rule of the journey holds."),
    "unless": Said("Adımın dışlama koşulu gerçekleşti.", "The step's own exclusion holds."),
    "piled_up": Said(
        "Daha sonraki bir adımın zamanı da geldi; o gönderildi.", "A later step was due as well, and goes instead."
    ),
}
"""By the stable word. A word that is not here is the provider's, or one of the exit rules (``stopped_...``)."""


def describe_reason(reason: str) -> Said:
    """The sentence for a reason."""
    if reason.startswith(Reason.STOPPED.value):
        return SENTENCES[Reason.STOPPED]
    if reason in SENTENCES:
        return SENTENCES[reason]
    return Said(f"Sağlayıcı kabul etmedi: {reason}", f"The provider did not take it: {reason}")
