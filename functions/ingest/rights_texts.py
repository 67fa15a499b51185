"""What the page of a person's rights says, in Turkish and English."""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, str]
RIGHTS_TEXTS: Mapping[str, Texts] = {
    "tr": {
        "title": "Verileriniz ve haklarınız",
        "intro": (
            "Hakkınızda ne bildiğimizi görebilir, verilerinizi sildirebilir ya da kullanılmasını durdurabilirsiniz."
        ),
        "address": "E-posta adresiniz",
        "ask": "Bağlantı gönder",
        "ask_hint": "Bağlantıyı yalnızca bu adrese göndeririz.",
        "asked": "Bu adresi tanıyorsak birkaç dakika içinde bir bağlantı göndeririz. 24 saat geçerlidir.",
        "asked_hint": "İleti gelmezse istenmeyen postaya bakın ya da bize yazın.",
        "no_address": "Bir e-posta adresi yazın.",
        "prove": "Önce siz olduğunuzu doğrulayalım. Bu adrese altı haneli bir kod göndeririz.",
        "send_code": "Kodu gönder",
        "code": "Kod",
        "code_sent": "Kodu gönderdik. 30 dakika geçerlidir.",
        "code_wrong": "Kod yanlış, kullanılmış ya da süresi dolmuş. Beş denemeden sonra yeni bir kod isteyin.",
        "codes_used_up": (
            "Bugün bu adres için çok fazla kod istendi ya da denendi. Yarın yeniden deneyin ya da bize yazın."
        ),
        "go_on": "Devam",
        "too_old": "Bu adım için süre doldu. Bağlantıyı yeniden açın ya da yeni bir bağlantı isteyin.",
        "again": "Yeni bağlantı iste",
        "choose": "Ne yapmak istersiniz?",
        "next": "Devam",
        "back": "Vazgeç",
        "export": "Verilerimin bir kopyasını almak",
        "export_what": "Hakkınızda kayıtlı her şeyi bir ZIP dosyası olarak hazırlarız. Dosya 24 saat sonra silinir.",
        "export_yes": "Kopyayı hazırla",
        "erase": "Verilerimi sildirmek",
        "erase_what": (
            "Profiliniz, siparişlerinizin kaydı, iletileriniz, görüşmeleriniz ve izinleriniz bu sistemden silinir."
        ),
        "erase_more": (
            "Bu geri alınamaz. Mağaza, yasa gereği faturaları ayrıca saklar. Reddettiğiniz adreslere bir daha yazmamak "
            "için adresin anahtarlı özeti kalır. Yedekler 35 gün içinde kendiliğinden silinir."
        ),
        "rest": (
            "Telefon numaranız ya da başka bir adres altında ayrıca tutulanların sizin olduğunu bu adres kanıtlamaz. "
            "Onlar için mağazaya bir başvuru açarız; otuz gün içinde yanıtlanır."
        ),
        "erase_yes": "Evet, her şeyi sil",
        "restrict": "Verilerimin kullanılmasını durdurmak",
        "restrict_what": (
            "Verileriniz saklanır ama kullanılmaz. Sipariş bildirimleri de içinde olmak üzere otomatik ileti "
            "göndermeyiz."
        ),
        "restrict_yes": "Kullanımı durdur",
        "object": "Tanıtıma ve profil çıkarılmasına itiraz etmek",
        "object_what": "Tanıtım iletisi göndermeyiz ve sizi gruplara ayırmayız. Sipariş bildirimleri sürer.",
        "object_yes": "İtiraz et",
        "lift_restrict": "Kullanımın durdurulmasını geri almak",
        "lift_restrict_what": "Verileriniz yeniden kullanılır; izin verdiğiniz iletiler yeniden gelebilir.",
        "lift_restrict_yes": "Geri al",
        "lift_object": "İtirazımı geri almak",
        "lift_object_what": "İzin verdiğiniz tanıtım iletileri yeniden gelebilir.",
        "lift_object_yes": "Geri al",
        "done": "Başvurunuz yerine getirildi.",
        "staff_holds": (
            "Bu sayfadan istenmemiş bir kısıtlama ya da itiraz kaydı sürüyor. Kaldırılması için mağazaya yazın."
        ),
        "erasing": "Verileriniz siliniyor. Bu birkaç dakika sürer; başka bir şey yapmanız gerekmez.",
        "waiting": "Kopyanız hazırlanıyor. Birkaç saniye sonra bakın.",
        "look": "Hazır mı?",
        "ready": "Kopyanız hazır. Bağlantı on dakika geçerlidir.",
        "download": "ZIP dosyasını indir",
        "number": "Başvuru numaranız",
        "gone": "Bu adresle ilgili kayıt kalmadı.",
    },
    "en": {
        "title": "Your data and your rights",
        "intro": "You can see what we know about you, have it erased, or stop its use.",
        "address": "Your e-mail address",
        "ask": "Send a link",
        "ask_hint": "We send the link to this address only.",
        "asked": "If we know this address, a link is sent within minutes. It is good for 24 hours.",
        "asked_hint": "If nothing comes, look into the spam folder, or write to us.",
        "no_address": "Enter an e-mail address.",
        "prove": "First we make sure that it is you. We send a code of six digits to this address.",
        "send_code": "Send the code",
        "code": "Code",
        "code_sent": "The code is sent. It is good for 30 minutes.",
        "code_wrong": "The code is wrong, used or too old. After five tries please ask for a new one.",
        "codes_used_up": "Too many codes were asked for or tried today. Try again tomorrow, or write to us.",
        "go_on": "Continue",
        "too_old": "The time for this step is over. Open the link again, or ask for a new one.",
        "again": "Ask for a new link",
        "choose": "What do you want to do?",
        "next": "Continue",
        "back": "Cancel",
        "export": "Get a copy of my data",
        "export_what": "We put everything that is known about you into a ZIP file. It is deleted after 24 hours.",
        "export_yes": "Make the copy",
        "erase": "Have my data erased",
        "erase_what": (
            "Your profile, the record of your orders, messages, conversations and consents are erased from this system."
        ),
        "erase_more": (
            "This cannot be undone. The shop keeps invoices apart, because the law says so. A keyed digest of an "
            "address that refused messages stays, so that nobody writes to it again. Backups delete themselves within "
            "35 days."
        ),
        "rest": (
            "This address does not prove that what is kept under a phone number or another address alone is yours. "
            "For that we open a request with the shop, which answers within thirty days."
        ),
        "erase_yes": "Yes, erase everything",
        "restrict": "Stop the use of my data",
        "restrict_what": (
            "Your data are kept and not used. We send no automatic messages, notices about orders included."
        ),
        "restrict_yes": "Stop the use",
        "object": "Object to marketing and profiling",
        "object_what": "We send no marketing and put you into no groups. Notices about orders still come.",
        "object_yes": "Object",
        "lift_restrict": "Let my data be used again",
        "lift_restrict_what": "Your data are used again; messages that you agreed to may come again.",
        "lift_restrict_yes": "Take it back",
        "lift_object": "Take my objection back",
        "lift_object_what": "Marketing that you agreed to may come again.",
        "lift_object_yes": "Take it back",
        "done": "Your request is carried out.",
        "staff_holds": "A restriction or objection that was not asked for here stays. Write to the shop to end it.",
        "erasing": "Your data are being erased. It takes some minutes; there is nothing else to do.",
        "waiting": "Your copy is being made. Look again in some seconds.",
        "look": "Is it ready?",
        "ready": "Your copy is ready. The link is good for ten minutes.",
        "download": "Download the ZIP file",
        "number": "The number of your request",
        "gone": "Nothing is left about this address.",
    },
}
