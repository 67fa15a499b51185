"""What the pages say, in Turkish and English. Its version is part of the proof of what somebody chose."""

from __future__ import annotations

from collections.abc import Mapping

VERSION = "2026-11"
"""Changes whenever a sentence changes that somebody agrees or objects to; ``text_version`` names it."""

Texts = Mapping[str, str]

TEXTS: Mapping[str, Texts] = {
    "tr": {
        "rating_title": "Görüşmemiz nasıldı?",
        "rating_ask": "Mağazamızla görüşmenizden ne kadar memnun kaldınız?",
        "rating_scale": "1: hiç memnun kalmadım, 5: çok memnun kaldım.",
        "rated_title": "Teşekkürler",
        "rated": "Yanıtınız kaydedildi.",
        "rating_over": "Bu soruya artık yanıt alınmıyor.",
        "broken_title": "Bağlantı geçersiz",
        "broken": "Bağlantı eksik ya da geçersiz. İletideki bağlantıyı yeniden açın.",
        "unsubscribe_title": "Abonelikten çıkın",
        "unsubscribe_ask": "Artık kampanya e-postalarımızı almak istemiyor musunuz?",
        "unsubscribe_button": "Abonelikten çık",
        "unsubscribed_title": "Abonelikten çıktınız",
        "unsubscribed": "Size artık kampanya e-postası göndermeyeceğiz.",
        "orders_still_come": "Sipariş ve teslimat bildirimleri gelmeye devam eder.",
        "title": "İleti tercihleriniz",
        "intro": "Kampanya ve önerilerimizi nasıl almak istediğinizi seçin.",
        "saved": "Tercihleriniz kaydedildi.",
        "nothing_changed": "Değişiklik yapılmadı.",
        "channels": "Kampanya iletileri",
        "email": "E-posta",
        "email_hint": "Kampanyalar, yenilikler ve size özel öneriler",
        "sms": "SMS",
        "sms_hint": "Kısa ve acil duyurular",
        "push": "Uygulama bildirimleri",
        "push_hint": "Uygulamamızın yüklü olduğu cihazlarınıza",
        "elsewhere": "Şu anda kapalı. Açmak için mağazanın kayıt formunu ya da uygulamasını kullanın.",
        "often": "Ne sıklıkta?",
        "often_0": "Her zamanki gibi",
        "often_7": "Daha seyrek: haftada en çok bir ileti",
        "often_30": "Çok seyrek: 30 günde en çok bir ileti",
        "pause": "Ara verin",
        "pause_30": "30 gün boyunca kampanya iletisi göndermeyin",
        "paused": "Kampanya iletilerine {until} tarihine kadar ara verdiniz.",
        "resume": "Arayı şimdi bitirin",
        "language": "İletilerin dili",
        "save": "Tercihleri kaydet",
        "none": "Hepsinden çık",
        "subscribe_title": "Teşekkürler",
        "subscribe_check": "Size bir onay e-postası gönderiyoruz. Kaydınız, oradaki bağlantıyla onaylayınca başlar.",
        "subscribe_done": "Kaydınız alındı.",
        "code_title": "Numaranızı onaylayın",
        "code_ask": "Telefonunuza altı haneli bir kod gönderiyoruz. Kaydınız, kodu yazınca başlar.",
        "code_wrong": "Kod yanlış ya da süresi dolmuş. Beş denemeden sonra lütfen yeniden kaydolun.",
        "code_label": "Kod",
        "code_confirmed": "Teşekkürler. Kampanya SMS'lerinden istediğiniz zaman vazgeçebilirsiniz.",
        "confirm_title": "Kaydınızı onaylayın",
        "confirm_ask": "Kampanya ve önerilerimizin bu adrese gönderilmesini onaylıyor musunuz?",
        "confirm_button": "Evet, onaylıyorum",
        "confirm_not_you": "Kaydı siz yapmadıysanız bir şey yapmanız gerekmez: onay olmadan ileti gönderilmez.",
        "confirmed_title": "Kaydınız onaylandı",
        "confirmed": "Teşekkürler. Her iletideki bağlantıyla abonelikten çıkabilirsiniz.",
        "expired_title": "Bağlantının süresi doldu",
        "expired": "Bu bağlantı artık geçerli değil. Almak isterseniz lütfen yeniden kaydolun.",
    },
    "en": {
        "rating_title": "How was our conversation?",
        "rating_ask": "How satisfied are you with your conversation with our shop?",
        "rating_scale": "1: not at all, 5: very satisfied.",
        "rated_title": "Thank you",
        "rated": "Your answer is noted.",
        "rating_over": "This question is over.",
        "broken_title": "The link is not valid",
        "broken": "The link is incomplete or not valid. Open it from the message again.",
        "unsubscribe_title": "Unsubscribe",
        "unsubscribe_ask": "Do you want to stop receiving our marketing e-mails?",
        "unsubscribe_button": "Unsubscribe",
        "unsubscribed_title": "You are unsubscribed",
        "unsubscribed": "We will send you no more marketing e-mails.",
        "orders_still_come": "Notices about your orders and deliveries still come.",
        "title": "Your message preferences",
        "intro": "Choose how you want to receive our offers and suggestions.",
        "saved": "Your preferences are saved.",
        "nothing_changed": "Nothing was changed.",
        "channels": "Marketing messages",
        "email": "E-mail",
        "email_hint": "Offers, news and suggestions for you",
        "sms": "SMS",
        "sms_hint": "Short and urgent news",
        "push": "App notifications",
        "push_hint": "On the devices with our app",
        "elsewhere": "Off. To switch it on, use the shop's sign-up form or its app.",
        "often": "How often?",
        "often_0": "As usual",
        "often_7": "Less often: at most one message a week",
        "often_30": "Rarely: at most one message in 30 days",
        "pause": "Take a break",
        "pause_30": "Send me no marketing messages for 30 days",
        "paused": "You paused marketing messages until {until}.",
        "resume": "End the pause now",
        "language": "Language of the messages",
        "save": "Save preferences",
        "none": "Unsubscribe from all",
        "subscribe_title": "Thank you",
        "subscribe_check": "We are sending you an e-mail. Your sign-up begins when you confirm it by the link there.",
        "subscribe_done": "You are signed up.",
        "code_title": "Confirm your number",
        "code_ask": "We are sending a code of six digits to your phone. Your sign-up begins when you enter it.",
        "code_wrong": "The code is wrong or too old. After five tries please sign up again.",
        "code_label": "Code",
        "code_confirmed": "Thank you. You can stop our marketing text messages at any time.",
        "confirm_title": "Confirm your sign-up",
        "confirm_ask": "Do you want to get our offers and suggestions at this address?",
        "confirm_button": "Yes, I confirm",
        "confirm_not_you": "If it was not you, there is nothing to do: without a confirmation nothing is sent.",
        "confirmed_title": "Your sign-up is confirmed",
        "confirmed": "Thank you. You can unsubscribe from every message with one tap.",
        "expired_title": "The link has expired",
        "expired": "This link is not valid any more. Please sign up again if you want our messages.",
    },
}
LANGUAGE_NAMES = {
    "tr": "Türkçe", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano",
    "nl": "Nederlands", "ar": "العربية", "ru": "Русский",
}  # fmt: skip
_MONTHS = (
    "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day_text(year: int, month: int, day: int, language: str) -> str:
    """A date as people write it.

    >>> day_text(2026, 12, 29, "tr"), day_text(2026, 12, 29, "en")
    ('29 Aralık 2026', '29 December 2026')
    """
    return f"{day} {(_MONTHS if language == 'tr' else _MONTHS_EN)[month - 1]} {year}"
