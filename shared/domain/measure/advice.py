"""What to try next when a figure changed: one plain rule for each, as docs/digest.md lists them."""

from __future__ import annotations

from typing import Any

Said = tuple[str, str]
"""In Turkish and in English."""
_BY_FIGURE: dict[tuple[str, str], Said] = {
    ("open_rate", "fell"): (
        "Konu satırını bir bölünmeyle (split) sınayın; gönderme saatine (send-time) bakın.",
        "Try another subject with a split; look at the report send-time.",
    ),
    ("open_rate", "rose"): (
        "Ne değiştiyse aynısını öbür kanallarda deneyin.",
        "Do on the other channels what was changed here.",
    ),
    ("click_rate", "fell"): (
        "Metindeki tek çağrıyı ve ürünleri gözden geçirin; messages raporunda hangi adım düştü, ona bakın.",
        "Look in the report messages which step fell; check its call to action and its products.",
    ),
    ("click_rate", "rose"): ("Bu iletiyi daha çok kişiye gönderin.", "Send more people what works here."),
    ("conversion_rate", "fell"): (
        "break-points raporunda satın almanın nerede koptuğuna bakın.",
        "Look in the report break-points where purchases break off.",
    ),
    ("conversion_rate", "rose"): (
        "Artışın iletiden geldiğini bir kontrol grubuyla (holdout) doğrulayın.",
        "Check with a holdout that the messages brought it.",
    ),
    ("unsubscribe_rate", "rose"): (
        "Bu kanalda haftalık sınırı düşürün; tercih sayfasında daha seyrek seçeneğini öne alın.",
        "Lower the weekly cap of this channel, and offer less often on the preference page.",
    ),
    ("unsubscribe_rate", "fell"): ("Sınırları böyle bırakın.", "Keep the caps as they are."),
    ("bounce_rate", "rose"): (
        "Yeni gelen adreslerin kaynağına bakın; formda çift onayı açın.",
        "Look where new addresses come from, and turn double opt-in on.",
    ),
    ("bounce_rate", "fell"): ("Yapılacak bir şey yok.", "Nothing to do."),
    ("members", "rose"): (
        "Segment at-risk ya da lapsed ise kazanım akışını gözden geçirin; değilse bu kişilere kampanya hazırlayın.",
        "If it is at-risk or lapsed, check the win-back journey; else prepare a campaign for them.",
    ),
    ("members", "fell"): (
        "segments raporunda nereye geçtiklerine bakın.",
        "Look in the report segments where they went.",
    ),
    ("orders", "rose"): (
        "Bu kanalda stoku ve desteği hazır tutun.",
        "Keep stock and support ready for this channel.",
    ),
    ("orders", "fell"): (
        "sources raporunda bu kanalın olaylarının geldiğine, sonra fiyat ve stoka bakın.",
        "Check in the report sources that its events arrive, then prices and stock.",
    ),
    ("answers", "rose"): (
        "Gönderme saatlerini bu saatlere kaydırın ya da until: active_hour kullanın.",
        "Move sends to these hours, or use until: active_hour.",
    ),
    ("answers", "fell"): (
        "Bu saatlerde daha az gönderin.",
        "Send less in these hours.",
    ),
    ("added", "fell"): (
        "Ürün sayfasında fiyat, beden ve stok bilgisini denetleyin.",
        "Check prices, sizes and stock on the product page.",
    ),
    ("checkout", "fell"): (
        "Sepet sayfasını ve cart-recovery akışını denetleyin.",
        "Check the cart page and the journey cart-recovery.",
    ),
    ("bought", "fell"): (
        "Ödeme adımını bu cihazda baştan sona deneyin.",
        "Walk through the payment on this device from the beginning to the end.",
    ),
    ("added", "rose"): ("Ne değiştiyse öbür yerlerde de yapın.", "Do in other places what was changed here."),
    ("checkout", "rose"): ("Ne değiştiyse öbür yerlerde de yapın.", "Do in other places what was changed here."),
    ("bought", "rose"): ("Ne değiştiyse öbür yerlerde de yapın.", "Do in other places what was changed here."),
}


def advice_key(figure: str, difference: float) -> str:
    """The rule of a figure that changed so."""
    return f"{figure} {'rose' if difference > 0 else 'fell'}"


def advice_text(key: Any, language: str) -> str:
    figure, _, way = str(key).rpartition(" ")
    return _BY_FIGURE[figure, way][0 if language == "tr" else 1]


def figures() -> set[str]:
    """Every figure that has rules."""
    return {figure for figure, _ in _BY_FIGURE}


def all_advice() -> dict[tuple[str, str], Said]:
    """Every rule, for the documents."""
    return dict(_BY_FIGURE)
