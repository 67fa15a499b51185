"""What would have had to be different for a message to go out, as a sentence in Turkish and in English."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.messages.describe_reason import Said
from shared.domain.messages.message import Reason

_WAITS = Said(
    "Kendiliğinden yeniden denenir; bir şey yapmanız gerekmez.", "It is tried again by itself; nothing is to be done."
)
_LATER = Said(
    "Bir sonraki uygun günde hâlâ güncelse gider. Sınırı genişletmek için shop.yaml içindeki caps değiştirilir.",
    "It goes out on the next permitted day if it is fresh then. The limits are caps in shop.yaml.",
)
_STOP = Said(
    "Müşteri çıkış koşulunu sağlamasaydı: burada adı geçen olay olmasaydı yolculuk sürerdi.",
    "Had the customer not met the exit rule: without what is named here the journey would have gone on.",
)
REMEDIES: Mapping[str, Said] = {
    Reason.ERASED: Said("Müşteri yeniden kaydolursa.", "If the customer registers anew."),
    Reason.RESTRICTED: Said(
        "Kısıtlama kaldırılmış olsaydı: başvurular Kişi hakları sayfasındadır.",
        "Had the restriction been lifted: the page Rights of people shows its case.",
    ),
    Reason.OBJECTED: Said(
        "Kişi itirazını geri almış olsaydı; onay tek başına yetmez.",
        "Had the person taken his objection back; a consent alone is not enough.",
    ),
    Reason.GLOBAL_STOP: Said(
        "Gönderim açık olsaydı. Bugün sayfasından başlatılır.", "Had sending been on. It is started on the page Today."
    ),
    Reason.PAUSED: Said("Yolculuk duraklatılmamış olsaydı.", "Had the journey not been paused."),
    Reason.JOURNEY_STOPPED: Said("Yolculuk durdurulmamış olsaydı.", "Had the journey not been stopped."),
    Reason.CAMPAIGN_CANCELLED: Said("Kampanya iptal edilmemiş olsaydı.", "Had the campaign not been cancelled."),
    Reason.EXCLUDED_SEGMENT: Said(
        "Müşteri burada adı geçen segmentte olmasaydı.", "Had the customer not been in the segment that is named here."
    ),
    Reason.SHADOW_MODE: Said("Deneme kipi kapalı olsaydı.", "Had shadow mode been off."),
    Reason.NOT_ON_ALLOW_LIST: Said(
        "Müşteri izin listesinde olsaydı ya da liste olmasaydı.",
        "Had the customer been on the allow-list, or had there been none.",
    ),
    Reason.SENDING_OFF: Said(
        "Bu kanal için bir gönderen ayarlanmış olsaydı.", "Had a sender been configured for this channel."
    ),
    Reason.TEMPLATE_MISSING: Said(
        "Şablon bu kanal ve dilde yayımlanmış olsaydı.",
        "Had the template been published for this channel and language.",
    ),
    Reason.CONTENT_MISSING: Said(
        "Müşteride burada adı geçen bilgi olsaydı.", "Had the customer had what is named here."
    ),
    Reason.OUT_OF_STOCK: Said("Ürün stokta olsaydı.", "Had the product been in stock."),
    Reason.PRICE_ROSE: Said("Fiyat yükselmemiş olsaydı.", "Had the price not risen."),
    Reason.NO_ADDRESS: Said(
        "Müşteri bu kanal için bir adres vermiş olsaydı.", "Had the customer given an address for this channel."
    ),
    Reason.DEAD_TOKEN: Said(
        "Uygulama açılıp yeni bir bildirim adresi alsaydı.", "Had the app been opened, which gives a new push token."
    ),
    Reason.SUPPRESSED: Said(
        "Adres geri dönmemiş ya da her şeyi reddetmemiş olsaydı.",
        "Had the address not bounced, or not refused everything.",
    ),
    Reason.NO_CONSENT: Said(
        "Müşteri bu kanal ve amaç için onay vermiş olsaydı. Onayı yalnızca müşteri verebilir.",
        "Had the customer consented to this channel and purpose. Only the customer can.",
    ),
    Reason.NOT_IN_IYS: Said(
        "İYS onayı kabul etmiş olsaydı; bildirimin durumu müşterinin onaylarında görünür.",
        "Had IYS taken the approval; the customer's consents show how far the statement is.",
    ),
    Reason.OPTED_OUT: Said(
        "Numara sağlayıcının ret listesinde olmasaydı.", "Had the number not opted out at the provider."
    ),
    Reason.INVALID_NUMBER: Said("Numara doğru olsaydı.", "Had the number been right."),
    Reason.UNDELIVERABLE: Said("Adres ulaşılabilir olsaydı.", "Had the address been reachable."),
    Reason.STALE: Said(
        "Sırası daha önce gelseydi: adımın fresh_for süresi dolmuştu.",
        "Had its turn come earlier: the step's fresh_for was over.",
    ),
    Reason.SUPERSEDED: Said("Yerine geçen ileti olmasaydı.", "Had there not been the message that acts instead."),
    Reason.ALREADY_SAID: Said("Bu adım daha önce söylenmemiş olsaydı.", "Had this step not been said before."),
    Reason.SAME_CUSTOMER: Said(
        "Kampanya bu kişiye daha önce ulaşmamış olsaydı.", "Had the campaign not reached this person already."
    ),
    Reason.SAME_ADDRESS: Said(
        "Adres başka bir müşterinin de adresi olmasaydı.", "Had the address not been that of another customer too."
    ),
    Reason.DAILY_CAP: _LATER,
    Reason.WEEKLY_CAP: _LATER,
    Reason.CHANNEL_CAP: _LATER,
    Reason.PERSONAL_CAP: Said(
        "Müşteri daha sık ileti seçmiş olsaydı; bunu yalnızca kendisi değiştirebilir.",
        "Had the customer chosen more messages; only the customer can change that.",
    ),
    Reason.PAUSED_BY_CUSTOMER: Said("Müşterinin verdiği ara bitmiş olsaydı.", "Had the customer's pause been over."),
    Reason.QUIET_HOURS: Said(
        "Müşterinin saatiyle gönderim saatleri içinde olsaydı; o saatte hâlâ güncelse gider.",
        "Had it been within the send hours at the customer's place; it goes out then if it is fresh.",
    ),
    Reason.THROTTLED: _WAITS,
    Reason.QUOTA: _WAITS,
    Reason.PROVIDER_DOWN: _WAITS,
    Reason.PROVIDER_RECOVERING: _WAITS,
    Reason.WARM_UP: Said(
        "Isınma günlük sayısı dolmamış olsaydı; yarın yeniden denenir.",
        "Had today's volume of the warm-up not been used; it is tried tomorrow.",
    ),
    Reason.REPUTATION: Said(
        "Kanalın pazarlaması devam ettirilmiş olsaydı (Bugün sayfası).",
        "Had marketing of the channel been let go on (page Today).",
    ),
    Reason.OPEN_CASE: Said(
        "Burada adı geçen şikâyet ya da iade kapanmış olsaydı.",
        "Had the complaint or return that is named here been closed.",
    ),
    Reason.PROVISIONAL_ORDER: Said(
        "Bildirilen sipariş olmasaydı ya da doğrulanmadan bir saat geçseydi.",
        "Had no order been reported, or had it stayed unconfirmed for an hour.",
    ),
    Reason.PRIORITY: Said(
        "Önceliği daha yüksek yolculuk o gün göndermeseydi.", "Had the journey of higher priority not sent that day."
    ),
    Reason.COUPON_ONCE_PER: Said(
        "Kupon bu kadar yakın zamanda verilmemiş olsaydı.", "Had the coupon not been given so recently."
    ),
    Reason.COUPON_POOL_EMPTY: Said("Kupon kodu kalmış olsaydı.", "Had there been a coupon code left."),
    "unless": Said(
        "Adımın dışlama koşulu sağlanmasaydı: burada adı geçen olay olmasaydı gönderilirdi.",
        "Had the step's exclusion not held: without what is named here it would have gone out.",
    ),
    "piled_up": Said(
        "Daha sonraki adımın zamanı aynı anda gelmeseydi.", "Had the later step not been due at the same time."
    ),
}


def describe_remedy(reason: str) -> Said:
    """The sentence for a reason; a word that is not ours is the provider's."""
    if reason.startswith(Reason.STOPPED.value):
        return _STOP
    return REMEDIES.get(reason, Said("Sağlayıcı iletiyi kabul etseydi.", "Had the provider taken the message."))
