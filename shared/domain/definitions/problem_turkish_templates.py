"""Mistakes in templates and warnings of campaigns in Turkish, as ``problem_turkish`` has those of other definitions."""

from __future__ import annotations

TEMPLATES: tuple[tuple[str, str], ...] = (
    # Files and languages (templates/rules.py).
    ("there is no text for any channel", "hiçbir kanal için metin yok"),
    ("add subject.tr.txt and email.tr.mjml", "subject.tr.txt ve email.tr.mjml dosyalarını ekleyin"),
    ("action.text has no {0}", "action.text içinde {0} dili yok"),
    ("add what the button says in {0}", "düğmenin {0} dilinde ne dediğini ekleyin"),
    ("{0} is not served in {1}, a language of the shop", "{0} kanalının {1} dili yok, oysa mağazanın dillerinden"),
    ("add {0}", "{0} dosyasını ekleyin"),
    ("an e-mail needs a subject and a body", "e-posta konu ve gövde ister"),
    ("add this file", "bu dosyayı ekleyin"),
    ("it cannot be rendered: {0}", "hazırlanamıyor: {0}"),
    ("use the names listed in docs/messages.md", "docs/messages.md içindeki adları kullanın"),
    ("{0} is no name that templates know", "{0} şablonların bildiği bir ad değil"),
    ("{0} is used and not needed", "{0} kullanılıyor ama needs altında yok"),
    ("add {0} to needs in template.yaml", "template.yaml içinde needs altına {0} ekleyin"),
    # E-mails (templates/rules.py, templates/html_rules.py).
    ("it has {0} calls to action", "{0} eylem çağrısı var"),
    ("keep exactly one {0}", "yalnızca bir {0} bırakın"),
    ("it says nothing personal", "kişiye özel bir şey söylemiyor"),
    (
        "use customer.first_name, or what is in the cart",
        "customer.first_name ya da sepettekileri kullanın",
    ),
    ("a commercial e-mail needs the trade name", "ticari e-postada ticaret unvanı bulunmalı"),
    ("a commercial e-mail needs the MERSIS number", "ticari e-postada MERSİS numarası bulunmalı"),
    ("a commercial e-mail needs a contact", "ticari e-postada iletişim bilgisi bulunmalı"),
    ("a commercial e-mail needs a way to refuse", "ticari e-postada ret yolu bulunmalı"),
    ("add {0} to the footer", "alt bölüme {0} ekleyin"),
    ("a link leads to {0}", "bir bağlantı {0} adresine götürüyor"),
    ("write an https, mailto or tel address", "https, mailto ya da tel adresi yazın"),
    ("a picture is loaded from {0}", "bir resim {0} adresinden yükleniyor"),
    ("give it an https address", "https adresi verin"),
    (
        "a picture has no alternative text, so whoever does not see it learns nothing",
        "bir resmin alternatif metni yok, görmeyen hiçbir şey öğrenemez",
    ),
    (
        'add alt="what it shows", or alt="" if it only decorates',
        'alt="ne gösterdiği" ekleyin, yalnızca süsse alt="" yazın',
    ),
    (
        "it has {0} KB of HTML when it is sent; Gmail cuts it at 102 KB, and the footer with it",
        "gönderildiğinde {0} KB HTML tutuyor; Gmail 102 KB’de keser, alt bölüm de gider",
    ),
    ("show fewer products, or take styles out", "daha az ürün gösterin ya da biçimleri çıkarın"),
    (
        "it has no colours for dark mode, so a reader in dark mode gets what his app makes of it",
        "koyu görünüm için rengi yok; koyu görünümde okuyan, uygulamasının uydurduğunu görür",
    ),
    (
        'begin it with <mj-include path="head" />, or add @media (prefers-color-scheme: dark) to an <mj-style>',
        '<mj-include path="head" /> ile başlatın ya da bir <mj-style> içine @media (prefers-color-scheme: dark) ekleyin',
    ),
    # Text and push messages (templates/rules.py).
    ("it begins with a greeting", "selamla başlıyor"),
    ("say the point in the first {0} characters", "asıl sözü ilk {0} harfte söyleyin"),
    ("links in text messages to Turkey may be blocked", "Türkiye’ye giden SMS’lerde bağlantılar engellenebilir"),
    ("write it without a link", "bağlantısız yazın"),
    ("it takes {0} parts ({1} characters in {2})", "{0} parça tutuyor ({2} ile {1} harf)"),
    (
        "it takes {0} parts ({1} characters in {2} because of {3})",
        "{0} parça tutuyor ({3} yüzünden {2} ile {1} harf)",
    ),
    (
        "shorten it to one part; the filter gsm gives a name its nearest plain letters",
        "tek parçaya kısaltın; gsm süzgeci bir adı en yakın düz harflerle yazar",
    ),
    ("the title has {0} characters", "başlık {0} harf"),
    ("shorten it to {0}", "{0} harfe kısaltın"),
    ("a transactional message may promote nothing", "bilgilendirme iletisi hiçbir şeyin tanıtımını yapamaz"),
    ("take the offer out", "teklifi çıkarın"),
)
CAMPAIGNS: tuple[tuple[str, str], ...] = (
    (
        "at {0} a minute {1} customers take {2} minutes, and the last ones are stale by then; write a higher per_minute or a longer fresh_for",
        "dakikada {0} iletiyle {1} müşteri {2} dakika sürer, sonuncuların güncelliği o zamana dek biter; daha yüksek per_minute ya da daha uzun fresh_for yazın",
    ),
    (
        "the segment {0} is no longer published, so it has no members; publish it again, or cancel this",
        "{0} segmenti artık yayında değil, bu yüzden üyesi yok; yeniden yayımlayın ya da kampanyayı iptal edin",
    ),
    (
        "the segment {0} is no longer published; it is left out by the rule it had at scheduling",
        "{0} segmenti artık yayında değil; planlandığı andaki kuralıyla dışarıda bırakılıyor",
    ),
)
