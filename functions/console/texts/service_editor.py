"""Teams, routing rules and canned answers: the list and the editor."""

SERVICE_EDITOR = {
    "service.title": ("Ekipler ve hazır yanıtlar", "Teams and canned answers"),
    "service.lead": (
        "Müşterilere ne söylendiği, kimin ne kadar sürede yanıtladığı. Değişiklikler yayımlanana kadar taslaktır.",
        "What customers are told, who answers and how soon. Changes are drafts until they are published.",
    ),
    "service.back": ("Ekipler ve hazır yanıtlara dön", "Back to teams and canned answers"),
    "service.saved": (
        "Taslak kaydedildi. Yayımlama yetkisi olan biri yayımlayınca geçerli olur.",
        "The draft is kept. It counts as soon as somebody who may publish has published it.",
    ),
    "service.kind.canned_answer": ("Hazır yanıtlar", "Canned answers"),
    "service.kind.team": ("Ekipler", "Teams"),
    "service.kind.routing": ("Yönlendirme kuralları", "Routing rules"),
    "service.new.canned_answer": ("Yeni hazır yanıt", "New canned answer"),
    "service.new.team": ("Yeni ekip", "New team"),
    "service.new.routing": ("Yeni kural", "New rule"),
    "service.none.canned_answer": (
        "Henüz yok. Sık verilen bir yanıtı bir kez yazın; temsilciler yazarken / tuşuyla seçer.",
        "None yet. Write an answer that is given often once; agents choose it with the key / while they write.",
    ),
    "service.none.team": (
        "Henüz yok. Bir ekibin çalışma saatleri ve yanıt için verilen süresi vardır; görüşmeler ona yönlendirilir.",
        "None yet. A team has hours and a time in which it answers; conversations are routed to it.",
    ),
    "service.none.routing": (
        "Henüz yok. Bir kural, konusuna ya da kanalına göre yeni görüşmeyi bir ekibe verir, etiketler ya da öne alır.",
        "None yet. A rule gives a new conversation to a team, tags it or puts it first, by its subject or its channel.",
    ),
    "service.draft": ("taslak", "draft"),
    "service.draft.removed": ("silinecek", "to be removed"),
    "service.texts.canned_answer": ("Metin", "Text"),
    "service.texts.team": ("Saatler dışında ne söylenir", "What is said outside the hours"),
    "service.text.tr": ("Türkçe metin", "Text in Turkish"),
    "service.text.en": ("İngilizce metin", "Text in English"),
    "service.texts.hint.canned_answer": (
        "{{ customer.first_name }}, {{ order.id }}, {{ order.state }}, {{ agent }}, {{ shop.name }} doldurulur.",
        "{{ customer.first_name }}, {{ order.id }}, {{ order.state }}, {{ agent }}, {{ shop.name }} are filled in.",
    ),
    "service.texts.hint.team": (
        "{{ opens }} ekibin döneceği zamandır.",
        "{{ opens }} is when the team is back.",
    ),
    "service.channels": ("Yalnız bu kanallarda (boşsa hepsinde)", "On these channels only (on all if none is chosen)"),
    "service.yaml.lead": (
        "Tanımın tamamı. Denetle, kaydetmeden hataları, cümleleri ve farkı gösterir.",
        "The whole definition. Check shows mistakes, sentences and the difference, and keeps nothing.",
    ),
    "service.check": ("Denetle", "Check"),
    "service.checked": ("Yayımlanabilir.", "It can be published."),
    "service.difference": ("Yayımdakinden farkı", "Difference from what is published"),
    "service.delete": ("Sil", "Remove"),
}
