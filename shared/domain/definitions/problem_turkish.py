"""Mistakes in definitions in Turkish: what the checks say in English, sentence by sentence.

The checks speak English, because the command and the API do. A sentence that is not here stays English, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shared.domain.definitions.problem_turkish_service import SERVICE, YAML
from shared.domain.definitions.problem_turkish_templates import CAMPAIGNS, TEMPLATES

SENTENCES: tuple[tuple[str, str], ...] = (
    # Of every definition (problems.py).
    ("{0} is not a word of the language here", "{0} burada dilin bir sözcüğü değil"),
    ("did you mean {0}?", "{0} mı demek istediniz?"),
    ("take it out, or look it up in docs/definitions.md", "çıkarın ya da docs/definitions.md içinde arayın"),
    ("{0} is missing", "{0} eksik"),
    ("add it", "ekleyin"),
    ("correct it", "düzeltin"),
    ("{0} is not known here", "{0} burada bilinmiyor"),
    ("write {0}", "{0} yazın"),
    ("it is empty", "boş"),
    ("write at least one", "en az bir tane yazın"),
    ("{0} is not a possible name", "{0} ad olamaz"),
    (
        "use small letters, digits and hyphens, such as cart-recovery",
        "küçük harf, rakam ve tire kullanın, örneğin cart-recovery",
    ),
    ("there should be words with values here", "burada değeri olan sözcükler olmalı"),
    ("write it as {word: value}", "{sözcük: değer} biçiminde yazın"),
    ("there should be a list here", "burada bir liste olmalı"),
    ("write it as [one, two] or as lines that begin with -", "[bir, iki] ya da - ile başlayan satırlar olarak yazın"),
    ("Input should be a valid integer", "tam sayı olmalı"),
    ("Input should be a valid integer, unable to parse string as an integer", "tam sayı olmalı"),
    ("Input should be a valid decimal", "sayı olmalı"),
    ("Input should be a valid string", "metin olmalı"),
    ("Input should be greater than {0}", "{0} değerinden büyük olmalı"),
    ("Input should be greater than or equal to {0}", "en az {0} olmalı"),
    ("Input should be less than or equal to {0}", "en çok {0} olmalı"),
    ("String should have at least {0} characters", "en az {0} harf olmalı"),
    ("String should have at most {0} characters", "en çok {0} harf olmalı"),
    # Durations and moments.
    ("{0} is not a duration", "{0} bir süre değil"),
    (
        "write a number and m, h, d or w, such as 90m, 25h, 7d, 2w, or 1h30m",
        "bir sayı ve m, h, d ya da w yazın, örneğin 90m, 25h, 7d, 2w ya da 1h30m",
    ),
    ("{0} has no unit", "{0} birimsiz"),
    ("write a number and m, h, d or w, such as 90m, 25h, 7d, 2w", "bir sayı ve m, h, d ya da w yazın, örneğin 25h"),
    ("{0} is longer than ten years", "{0} on yıldan uzun"),
    ("write at most {0}", "en çok {0} yazın"),
    ("{0} is not exact: months differ in length", "{0} kesin değil: ayların uzunluğu farklıdır"),
    ("{0} is not exact: years differ in length", "{0} kesin değil: yılların uzunluğu farklıdır"),
    ("{0} is not a moment", "{0} bir zaman değil"),
    ("{0} is no moment of these years", "{0} bu yıllara ait bir zaman değil"),
    (
        "write now, 2026-12-01T10:00 (the shop's time), or 2026-12-01T10:00+03:00",
        "now, 2026-12-01T10:00 (mağaza saati) ya da 2026-12-01T10:00+03:00 yazın",
    ),
    ("{0} is no time of the day", "{0} günün bir saati değil"),
    ("write it as 10:00", "10:00 biçiminde yazın"),
    # What definitions name.
    ("there is no segment {0}", "{0} adlı bir segment yok"),
    ("there is no template {0}", "{0} adlı bir şablon yok"),
    ("write one that is published: {0}", "yayındakilerden birini yazın: {0}"),
    ("add the segment {0}", "{0} segmentini ekleyin"),
    ("the template {0} is {1}, the step says {2}", "{0} şablonu {1}, adım ise {2} diyor"),
    ("the template {0} is {1}, the campaign says {2}", "{0} şablonu {1}, kampanya ise {2} diyor"),
    (
        "make them agree: the purpose decides about consent, caps and send hours",
        "aynı olsun: amaç, onaya, sınıra ve gönderim saatine karar verir",
    ),
    ("the template {0} has no {1} in {2}", "{0} şablonunun {2} dilinde {1} metni yok"),
    (
        "add it to templates/{0}/ and publish, or take {1} out",
        "templates/{0}/ içine ekleyip yayımlayın ya da {1} kanalını çıkarın",
    ),
    ("{0} does not outlast the night ({1} without sending)", "{0} geceden kısa ({1} gönderim yok)"),
    ("the segments ask about each other in a circle: {0}", "segmentler birbirini halka olarak soruyor: {0}"),
    ("{0} is no coupon and cannot be a code", "{0} kupon değil, kod da olamaz"),
    ("use letters, digits and hyphens, such as CART10", "harf, rakam ve tire kullanın, örneğin CART10"),
    ("write such as 72h, or leave it out", "72h gibi yazın ya da boş bırakın"),
    ("there is a segment {0} already", "{0} adlı bir segment zaten var"),
    ("give it another name", "başka bir ad verin"),
    ("there is a journey of this name already", "bu adda bir yolculuk zaten var"),
    ("give it another", "başka bir ad verin"),
    # Campaigns.
    (
        "say who gets it: write either segment: NAME or segments: [NAME, NAME]",
        "kimin alacağını söyleyin: segment ya da segments yazın",
    ),
    ("a segment is named twice", "bir segment iki kez yazılmış"),
    ("name each once, under segments or under except", "her birini bir kez, ya segments ya except altında yazın"),
    ("channels names a channel twice", "bir kanal iki kez yazılmış"),
    ("name each once", "her birini bir kez yazın"),
    ("fresh_for must be longer than 0m", "fresh_for 0m'den uzun olmalı"),
    ("write for example 24h", "örneğin 24h yazın"),
    ("local_time needs a time of the wall clock", "local_time için duvar saatine göre bir zaman gerekir"),
    ("write at: 2026-12-01T10:00, without an offset", "at: 2026-12-01T10:00 yazın, farkı belirtmeden"),
    ("this moment is over", "bu zaman geçti"),
    ("write a later one, or now", "daha sonrasını ya da now yazın"),
    (
        "{0} is outside the send hours ({1}), and stale when they begin",
        "{0} gönderim saatlerinin ({1}) dışında; saatler başladığında güncelliği de biter",
    ),
    (
        "write a time within them, or a longer fresh_for",
        "bu saatlerin içinden bir zaman ya da daha uzun fresh_for yazın",
    ),
    # Steps and starts of journeys.
    ("two steps are called {0}", "iki adımın adı {0}"),
    ("give each its own id", "her birine ayrı id verin"),
    ("step {0} (at: {1}) comes before {2} (at: {3})", "{0} adımı (at: {1}), {2} adımından (at: {3}) önce yazılmış"),
    ("order the steps by at", "adımları at sırasına koyun"),
    ("channels names no channel beside preferred", "preferred dışında bir kanal yazılmamış"),
    ("add email, sms or push", "email, sms ya da push ekleyin"),
    ("no_reaction waits longer than the step is fresh", "no_reaction, adımın güncelliğinden uzun bekliyor"),
    ("write a shorter after", "daha kısa bir after yazın"),
    ("a branch leads nowhere", "dal hiçbir yere götürmüyor"),
    ("write steps under then or else", "then ya da else altına adım yazın"),
    ("all weights are 0", "bütün ağırlıklar 0"),
    ("give an arm some weight", "bir kola ağırlık verin"),
    ("at_most must be longer than 0m and at most a year", "at_most 0m'den uzun, en çok bir yıl olmalı"),
    ("write such as 10d", "10d gibi yazın"),
    ("there are more than {0} steps", "{0} adımdan fazla var"),
    ("make two journeys of it", "iki yolculuk yapın"),
    # Conditions.
    ("say since when", "ne zamandan beri olduğunu söyleyin"),
    ("write since: clock, or within: 7d", "since: clock ya da within: 7d yazın"),
    ("say what the trait must be", "özelliğin ne olması gerektiğini söyleyin"),
    ("say how long ago", "ne kadar önce olduğunu söyleyin"),
    ("write at_least or less_than", "at_least ya da less_than yazın"),
    ("say what the cart must be", "sepetin nasıl olması gerektiğini söyleyin"),
    ("write items, value or age", "items, value ya da age yazın"),
    ("say how many", "kaç tane olduğunu söyleyin"),
    (
        "write exactly, at_least, more_than, at_most or less_than",
        "exactly, at_least, more_than, at_most ya da less_than yazın",
    ),
    (
        "within needs a number of orders beside it, such as at_least: 1",
        "within yanında bir sipariş sayısı ister, örneğin at_least: 1",
    ),
    (
        "say how many orders (at_least, at_most, exactly, more_than), how much (total, average), or how recent the first or last",
        "kaç sipariş (at_least, at_most, exactly, more_than), ne kadar (total, average) ya da ilk veya son ne zaman, söyleyin",
    ),
    ("the newest {0} are remembered", "son {0} tanesi hatırlanır"),
    ("ask for at most {0}", "en çok {0} sorun"),
    ("so many occurrences are not remembered", "bu kadarı hatırlanmaz"),
    *SERVICE,
    *YAML,
    *TEMPLATES,
    *CAMPAIGNS,
)
"""English and Turkish; ``{0}``, ``{1}``, ... stand for names and values."""
_PLACE = re.compile(r"\\\{(\d)\\\}")
_BARE = {"write {0}": r"write ('.*'|\S+)", "add {0}": r"add ('.*'|\S+\.\S+)"}
"""Where anything else would take a sentence for a value."""


def in_turkish(sentence: str) -> str | None:
    """The sentence in Turkish; None if it is not known.

    >>> in_turkish("there is no segment vip")
    'vip adlı bir segment yok'
    """
    for pattern, turkish in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            for place, value in enumerate(found.groups()):
                turkish = turkish.replace(f"{{{place}}}", value)  # noqa: PLW2901
            return turkish
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[tuple[re.Pattern[str], str]]:
    """The longer sentences first: they say more."""
    for english, turkish in sorted(SENTENCES, key=lambda pair: -len(pair[0])):
        written = _BARE.get(english) or _PLACE.sub("(.+?)", re.escape(english))
        yield re.compile(written, re.DOTALL), turkish
