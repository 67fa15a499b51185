"""The editor of journeys."""

JOURNEY_EDITOR = {
    "journeys.new": ("Yeni yolculuk", "New journey"),
    "journey_editor.steps": ("Adımlar ve süreler", "Steps and waits"),
    "journey_editor.steps.lead": (
        "Süreleri burada değiştirin. Adım eklemek, çıkarmak ya da sıralamak için YAML’i kullanın.",
        "Change the waits here. To add, remove or move steps, use the YAML.",
    ),
    "journey_editor.whole": ("Yolculuğun bütünü", "The journey as a whole"),
    "journey_editor.save": ("Süreleri taslağa kaydet", "Save waits as a draft"),
    "journey_editor.yaml": ("Bütünü, YAML olarak", "The whole, as YAML"),
    "journey_editor.yaml.lead": (
        "Başlangıç, koşullar, adımlar: dilin kendisiyle. Yazdıkça yandaki cümle ve denetim değişir.",
        "Start, conditions, steps: in the language itself. The sentence and the checks follow what you write.",
    ),
    "journey_editor.yaml.save": ("YAML’i taslağa kaydet", "Save YAML as a draft"),
    "journey_editor.preview": ("Böyle olur", "What it becomes"),
    "journey_editor.preview.wait": ("Denetleniyor…", "Checking…"),
    "journey_editor.preview.right": ("Denetimden geçti", "The checks pass"),
    "journey_editor.delete": ("Yolculuğu kaldır", "Remove the journey"),
    "journey_editor.delete.text": (
        "Kaldırma da bir taslaktır. Yayımlanınca yeni kimse başlamaz; içindekiler kendi yayınlarıyla sürer.",
        "Removing is a draft too. Once it is published nobody begins; who is in it goes on by the release it began with.",
    ),
    "journey_editor.check_now": ("Şimdi denetle", "Check now"),
    "wait.at": ("Başlangıçtan sonra", "After the beginning"),
    "wait.wait": ("Bekle", "Wait"),
    "wait.at_most": ("En çok bekle", "Wait at most"),
    "wait.fresh_for": ("Şu kadar güncel", "Fresh for"),
    "wait.no_reaction": ("Tepki yoksa", "Without a reaction"),
    "wait.reenter": ("Yeniden başlama", "Begins again after"),
    "wait.goal": ("Hedef süresi", "Goal within"),
}
