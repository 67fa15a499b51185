"""Which replies refuse: whole messages of known words, in any case, spelling and punctuation."""

from __future__ import annotations

import random
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent.consent import MARKETING, Consent
from shared.domain.consent.sms_replies import (
    CHANNEL,
    COURTESY,
    DECLINING,
    GRANTING,
    LENGTH,
    ORIGIN,
    WITHDRAWING,
    asked_for,
    keywords_alone,
)
from shared.domain.consent.taking_back import takes_back

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PUNCTUATION = st.text(st.sampled_from(" \t\n\r.,;:!?-_'\"()*#/\u200b\u00a0"), max_size=4)


def taken_back(consents: list[Consent]) -> bool:
    return takes_back(consents, CHANNEL, MARKETING, "key", ORIGIN, NOW)


@st.composite
def spelled(draw: st.DrawFn, words: frozenset[str]) -> str:
    """A word as people write it: any case, with or without Turkish letters, composed or not, among punctuation."""
    word = draw(st.sampled_from(sorted(words)))
    letters = []
    for letter in word:
        turkish = draw(st.booleans()) and letter == "i"
        upper = draw(st.booleans())
        letters.append(("İ" if upper else "ı") if turkish else letter.upper() if upper else letter)
    written = "".join(letters)
    apart = unicodedata.normalize("NFD", written) if draw(st.booleans()) else written
    return draw(PUNCTUATION) + apart + draw(PUNCTUATION)


@given(spelled(WITHDRAWING))
def test_a_refusal_is_understood_however_it_is_written(text: str) -> None:
    """Upper and lower case, dotted and dotless i, punctuation and invisible signs around it."""
    assert asked_for(text) == "withdraw"


@given(spelled(GRANTING))
def test_a_grant_is_understood_however_it_is_written(text: str) -> None:
    """The same for the words that take a refusal back."""
    assert asked_for(text) == "grant"


@given(st.lists(spelled(WITHDRAWING | GRANTING), min_size=1, max_size=4))
def test_with_words_of_both_kinds_it_is_a_refusal(texts: list[str]) -> None:
    """Several keywords and nothing else: one refusal is enough."""
    parts = [asked_for(text) for text in texts]
    assert asked_for(" ".join(texts)) == ("withdraw" if "withdraw" in parts else "grant")


@given(
    st.sampled_from(sorted(WITHDRAWING | GRANTING)),
    st.text(st.sampled_from("abcdefghklmnoprstuvyzşğçöü0123456789"), min_size=1, max_size=6),
    st.sampled_from(["{0}{1}", "{1}{0}", "{1} {0}", "{0} {1}", "{1}-{0}"]),
)
def test_a_keyword_inside_a_text_says_nothing(word: str, other: str, form: str) -> None:
    """ "nonstop", "durum", "stop the press": what is more than keywords is no request."""
    text = form.format(word, other)
    words = set("".join(sign if sign.isalnum() else " " for sign in _plain(text)).split())
    known = words <= WITHDRAWING | GRANTING | COURTESY | DECLINING
    expected = asked_for(" ".join(sorted(words))) if known else None
    assert asked_for(text) == expected


@given(st.lists(st.sampled_from(sorted(COURTESY)), max_size=4), st.randoms(use_true_random=False))
def test_words_of_courtesy_change_nothing_about_a_refusal(words: list[str], order: random.Random) -> None:
    """In any order; alone or beside a grant they say nothing."""
    beside = {keyword: [keyword, *words] for keyword in ("stop", "baslat")}
    for listed in beside.values():
        order.shuffle(listed)
    assert asked_for(" ".join(beside["stop"])) == "withdraw"
    assert asked_for(" ".join(beside["baslat"])) == ("grant" if not words else None)
    assert asked_for(" ".join(words)) is None


@pytest.mark.parametrize(
    ("text", "asked", "alone"),
    [
        ("STOP", "withdraw", True),
        ("iptal ret", "withdraw", True),
        ("iptal lütfen", "withdraw", False),
        ("Cancel please!", "withdraw", False),
        ("unsubscribe me", "withdraw", False),
        ("Mesaj göndermeyin", "withdraw", False),
        ("bana bir daha SMS atmayın lütfen", "withdraw", False),
        ("istemiyorum", "withdraw", False),
        ("kargo göndermeyin", None, False),
        ("siparişi iptal lütfen", None, False),
        ("bir daha", None, False),
        ("BAŞLAT", "grant", True),
        ("", None, False),
    ],
)
def test_who_says_more_than_keywords_is_read_by_an_agent(text: str, asked: str | None, alone: bool) -> None:
    """He may mean an order. What asks for no messages withdraws as well; what names something else does not."""
    assert (asked_for(text), keywords_alone(text)) == (asked, alone)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("şğçöüı", "sgcoui"))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("RET", "withdraw"),
        ("iptal", "withdraw"),
        ("İPTAL", "withdraw"),
        ("IPTAL.", "withdraw"),
        ("ıptal", "withdraw"),
        ("Dur!", "withdraw"),
        ("BAŞLAT", "grant"),
        ("baslat", "grant"),
        ("Stop\u200b", "withdraw"),
        ("ＳＴＯＰ", "withdraw"),
        ("nonstop", None),
        ("non-stop", None),
        ("durum", None),
        ("Durum nedir?", None),
        ("stop please", "withdraw"),
        ("STOP, lütfen!", "withdraw"),
        ("Mesaj göndermeyin, iptal", "withdraw"),
        ("RET teşekkürler", "withdraw"),
        ("STOP ALL", "withdraw"),
        ("Opt out", "withdraw"),
        ("opt-out!", "withdraw"),
        ("OPT OUT please", "withdraw"),
        ("stop now", "withdraw"),
        ("out", None),
        ("opt in", None),
        ("all", None),
        ("do not stop", None),
        ("please stop by the store", None),
        ("please", None),
        ("mesaj göndermeyin lütfen", "withdraw"),
        ("start please", None),
        ("stop the press", None),
        ("iptal etmeyin", None),
        ("dur bir dakika", None),
        ("ret etmiyorum", None),
        ("evet", None),
        ("", None),
        ("!!!", None),
        ("s t o p", None),
        ("stop " * 2_000, None),
    ],
)
def test_examples(text: str, asked: str | None) -> None:
    """As people write them."""
    assert asked_for(text) == asked


@given(st.text(st.characters(), max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing raises, half surrogate pairs included."""
    assert asked_for(text) in {None, "withdraw", "grant"}


def said(granted: bool, hours: int, origin: str, purpose: str = "marketing") -> Consent:
    at = NOW + timedelta(hours=hours)
    return Consent("sms", purpose, granted, at, at, granted, "web", f"{origin}-{hours}", "key", "", origin)


_STATEMENT = st.builds(
    said,
    st.booleans(),
    st.integers(-20, -1),
    st.sampled_from(["sms_reply", "checkout", "unsubscribe_link"]),
    st.sampled_from(["marketing", "all"]),
)


@given(st.lists(_STATEMENT, max_size=5))
def test_a_reply_takes_back_only_a_reply(consents: list[Consent]) -> None:
    """Against brute force: the newest word is a refusal by reply, somebody once agreed in another way, and the newest
    word but for refusals by reply is a grant."""
    counted = [one for one in consents if not one.granted or one.purpose == "marketing"]
    newest = max((one.effective_at for one in counted), default=None)
    last = [one for one in counted if one.effective_at == newest and not one.granted]
    agreed = any(one.granted and one.purpose == "marketing" and one.origin != "sms_reply" for one in consents)
    others = [one for one in counted if one.granted or one.origin != "sms_reply"]
    newest_other = max((one.effective_at for one in others), default=None)
    free = bool(others) and all(one.granted for one in others if one.effective_at == newest_other)
    expected = agreed and free and bool(last) and {one.origin for one in last} == {"sms_reply"}
    if len({one.origin for one in last}) < 2:  # of two at one instant either may be shown as the proof
        assert taken_back(consents) == expected


def test_a_reply_is_never_the_first_consent() -> None:
    """Who never agreed does not agree by START, also after a STOP."""
    assert not taken_back([])
    assert not taken_back([said(False, -2, "sms_reply")])
    assert taken_back([said(True, -3, "checkout"), said(False, -2, "sms_reply")])
    assert not taken_back([said(True, -3, "checkout"), said(False, -2, "unsubscribe_link")])
    assert not taken_back(
        [said(True, -3, "checkout"), said(False, -2, "sms_reply"), said(False, -1, "invalid_number", "all")]
    )
    assert not taken_back(
        [said(True, -4, "checkout"), said(False, -3, "unsubscribe_link"), said(False, -1, "sms_reply")]
    )


@pytest.mark.parametrize(
    ("words", "asks", "keywords"),
    [
        (WITHDRAWING | GRANTING | COURTESY | DECLINING, "withdraw", False),
        (WITHDRAWING | GRANTING, "withdraw", True),
        (GRANTING, "grant", True),
        (COURTESY, None, False),
    ],
    ids=["all", "keywords", "granting", "courtesy"],
)
def test_all_words_of_a_kind_at_once(words: frozenset[str], asks: str | None, keywords: bool) -> None:
    """No number of known words makes a reply say something else."""
    reply = " ".join(sorted(words))
    assert (asked_for(reply), keywords_alone(reply)) == (asks, keywords)


@pytest.mark.parametrize(("length", "asks"), [(LENGTH, "withdraw"), (LENGTH + 1, None)])
def test_a_reply_that_is_longer_than_any_keyword_says_nothing(length: int, asks: str | None) -> None:
    """To the letter."""
    assert asked_for("stop".ljust(length)) == asks
