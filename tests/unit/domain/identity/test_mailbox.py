"""One mailbox is one identifier, whatever its spelling; mail goes to the address as it was written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity.identifiers import IdentifierType, InvalidIdentifier, identifier, parse_identifier
from shared.domain.identity.mailbox import InvalidMailbox, deliverable_address, mailbox, written_address

pytestmark = pytest.mark.unit

LOCAL = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C"), exclude_characters="@<>:"), min_size=1)


@pytest.mark.parametrize(
    "spelling",
    [
        "Ayse@example.com", "AYSE@EXAMPLE.COM", " ayse@example.com ", "Ayşe Yılmaz <ayse@example.com>",
        '"Yılmaz, Ayşe" <Ayse@Example.com>', "mailto:ayse@example.com", "MAILTO:Ayse%40example.com?subject=Merhaba",
        '"ayse"@example.com', '"a\\yse"@Example.com', "'Ayse@example.com'", '"Ayşe \\"A\\" Y" <ayse@example.com>',
        'Ayşe "A" Y <ayse@example.com>', '"Ayşe <old>" <ayse@example.com>',
        "\ufeffayse@example.com", "ay\u200bse@example.com\u200b", "\u202aayse@example.com\u202c",
        "Ayşe <\u200eayse@example.com>", "\u061cayse@example.com", "'Ayşe' <'ayse@example.com'>",
        "ayse@ｅｘａｍｐｌｅ．ｃｏｍ", "ayse@example。com", "mailto:ayse%40example%EF%BC%8Ecom",
    ],
)  # fmt: skip
def test_spellings_of_one_mailbox_are_one_identifier(spelling: str) -> None:
    """Case, a display name and a mailto link name the same person."""
    assert str(identifier(IdentifierType.EMAIL, spelling)) == "email:ayse@example.com"
    assert str(parse_identifier(f"email:{spelling}")) == "email:ayse@example.com"


def test_a_domain_has_one_form() -> None:
    """The Unicode and the ASCII form of a domain are equal; letters that IDNA 2008 tells apart stay apart."""
    assert mailbox("Ayse@Bücher.example") == mailbox("ayse@xn--bcher-kva.example") == "ayse@xn--bcher-kva.example"
    assert mailbox("a@straße.example") != mailbox("a@strasse.example")


def test_case_folding_is_never_turkish() -> None:
    """I and ı are two letters, in whichever language the address was written."""
    assert mailbox("IRMAK@x.example") == "irmak@x.example"
    assert mailbox("ırmak@x.example") == "ırmak@x.example"


@pytest.mark.parametrize(
    "text",
    [
        "", "ayse", "ayse@", "@example.com", "ayse@example", "a@b@example.com", "a@x.example, b@x.example",
        "Ayşe <>", "<a@x.example> <b@x.example>", "mailto:", "mailto:a@x.example,b@x.example", "a@-ü-.example",
        "a b@x.example", "a@x.example>", 'a@x.example"', "a@x,y.example", "a@[1.2.3.4]", "a@x.example;", "'", "''",
        '"a b"@x.example', 'Ayşe " <a@x.example>',
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(text: str) -> None:
    """The error does not repeat the text: it may be personal data."""
    with pytest.raises(InvalidIdentifier) as refused:
        identifier(IdentifierType.EMAIL, text)
    assert not text or text not in str(refused.value)


@given(LOCAL, st.data())
def test_any_case_of_a_local_part_is_the_same_mailbox(local: str, data: st.DataObject) -> None:
    """Upper case, lower case, any mixture and another normal form give one form, which is its own form."""
    first = mailbox(f"{local}@x.example")
    assert mailbox(first) == first
    assert unicodedata.is_normalized("NFC", first)
    assert mailbox(f"{unicodedata.normalize('NFD', local)}@X.Example") == first
    mixed = "".join(one.casefold() if data.draw(st.booleans()) else one for one in unicodedata.normalize("NFC", local))
    assert mailbox(f"{mixed}@x.example") == first


@given(st.text("a\"\\@.<> ,\u200b\ufeff\u3002é'", max_size=12))
def test_a_form_is_its_own_form(text: str) -> None:
    """Quotes, backslashes and invisible letters in any order: what was read once is read as the same again."""
    for written in (text, f"{text}@x.example", f"<{text}@x.example>"):
        try:
            first = mailbox(written)
        except InvalidMailbox:
            continue
        assert mailbox(first) == first
        assert mailbox(written_address(written)) == first


@pytest.mark.parametrize("local", ['"a,b"', '".a"', '"a..b"', '""', '"a\\"b"'])
def test_quotes_stay_around_what_needs_them(local: str) -> None:
    """They are part of the mailbox."""
    assert mailbox(f"{local}@x.example") == f"{local}@x.example"


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """No text of a stranger ends in another error."""
    try:
        assert mailbox(mailbox(text)) == mailbox(text)
    except InvalidMailbox:
        return


def test_mail_goes_to_the_address_as_it_was_written() -> None:
    """The display name goes, the case stays; a domain with other letters is sent as its A-label."""
    assert written_address("Ayşe Yılmaz <Ayse@Example.com>") == "Ayse@Example.com"
    assert written_address("\ufeffAyse@Example.com\u200b") == "Ayse@Example.com"
    assert deliverable_address("Ayse@Example.com") == "Ayse@Example.com"
    assert deliverable_address("Ayse@Bücher.example") == "Ayse@xn--bcher-kva.example"
