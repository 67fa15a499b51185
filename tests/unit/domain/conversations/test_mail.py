"""E-mails of customers: what mail programs send, and what somebody sends who means harm."""

from __future__ import annotations

import time
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.html_text import text_of_html
from shared.domain.conversations.files import DOWNLOAD, kind_of, refusal
from shared.domain.conversations.mail import LONGEST_NAME, MOST_PARTS, ReadMail, read_mail
from shared.domain.conversations.mail_headers import decoded
from shared.domain.conversations.message import MOST_ATTACHMENTS, TEXT_LENGTH

pytestmark = pytest.mark.unit
PAYLOADS = Path(__file__).parents[3] / "payloads" / "mail"


def read(raw: bytes, source: str | None = "ayse@example.com") -> ReadMail:
    return read_mail(raw, source, text_of_html)


def payload(name: str) -> ReadMail:
    return read((PAYLOADS / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n"))


def test_a_reply_from_gmail() -> None:
    """Its words, what it quotes, its thread, and which of our answers it goes on from."""
    assert payload("gmail-reply-turkish") == ReadMail(
        sender="Ayse@Example.com",
        subject="Re: S-1 siparişim",
        text="Teşekkürler, ama hâlâ gelmedi.",
        quoted="Kervan Moda <hello@kervan.example>, 20 Kas 2026 Cum, 10:00 tarihinde şunu yazdı:\n\n> Yolda.\n>",
        reference="<CAF=1@mail.gmail.com>",
        references=(
            "<aaaaaaaaaaaaaaaaaaaaaaaaaa@conversation.kervan>", "<010701943@eu-central-1.amazonses.com>",
        ),
        replies_to=("aaaaaaaaaaaaaaaaaaaaaaaaaa",),
        automatic=False,
        from_list=False,
        files=(),
        cut=False,
    )  # fmt: skip


def test_a_mail_of_html_alone_from_outlook() -> None:
    """Its words without scripts and pictures that tell the sender who reads; a link shows where it leads."""
    found = payload("outlook-html")
    assert (found.subject, found.text) == ("İade", "İade etmek istiyorum.\n\ntıkla sipariş <https://shop.example/s-1>")
    assert found.quoted.startswith("Kimden: Kervan <hello@kervan.example>")
    svg, photo = found.files
    assert (svg.name, kind_of(svg.content)) == ("logo.svg", DOWNLOAD)
    assert (photo.name, kind_of(photo.content)) == ("fotoğraf.png", "image/png")


@pytest.mark.parametrize("name", ["gmail-vacation", "bounce"])
def test_machines_are_known(name: str) -> None:
    """RFC 3834 and RFC 3464."""
    assert payload(name).automatic


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: no", False), ("Auto-Submitted: auto-generated; owner-email=x", True),
        ("Precedence: bulk", False), ("Precedence: auto_reply", True), ("X-Autorespond: x", True),
        ("Return-Path: <>", True), ("List-Unsubscribe: <https://x>", False), ("auto-submitted: AUTO-REPLIED", True),
    ],
)  # fmt: skip
def test_which_headers_tell_a_machine(header: str, automatic: bool) -> None:
    """A newsletter's headers alone do not: shops' platforms forward questions with them."""
    assert read(f"From: a@b.example\r\n{header}\r\n\r\nx".encode()).automatic is automatic
    assert read(b"From: a@b.example\r\n\r\nx", source="").automatic
    assert not read(b"From: a@b.example\r\n\r\nx", source=None).automatic


def nested(depth: int) -> bytes:
    parts = [b"From: a@b.example\r\nMIME-Version: 1.0\r\n"]
    parts += [b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)]
    return b"".join(parts) + b"Content-Type: text/plain\r\n\r\nhidden\r\n"


def flat(parts: int) -> bytes:
    head = b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    one = b"--b\r\nContent-Type: application/x-thing\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nx\r\n"
    return head + b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n" + one * parts + b"--b--\r\n"


def test_ten_thousand_parts() -> None:
    """The first are read, the rest is left out and said so."""
    began = time.process_time()
    found = read(flat(10_000))
    assert (found.text, len(found.files), found.cut) == ("Hello", MOST_ATTACHMENTS, True)
    assert not read(flat(3)).cut
    assert len(read(flat(MOST_PARTS)).files) == MOST_ATTACHMENTS
    assert time.process_time() - began < 10


@pytest.mark.parametrize("depth", [30, 400, 5_000])
def test_parts_within_parts(depth: int) -> None:
    """However deep: the sender is known, nothing raises."""
    began = time.process_time()
    assert read(nested(depth)).sender == "a@b.example"
    assert read(nested(5)).text == "hidden"
    assert time.process_time() - began < 10


def test_an_archive_is_not_unpacked() -> None:
    """A bomb of 100 GB is a file of 10 MB; only its size counts."""
    bomb = b"PK\x03\x04" + b"\0" * 1_000_000
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("see the archive")
    mail.add_attachment(bomb, maintype="application", subtype="zip", filename="bomb.zip")
    [file] = read(mail.as_bytes()).files
    assert file.content == bomb
    assert refusal(file.name, file.content) == ""


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.EXE", b"x", "program"), ("a.pdf", b"MZ\x90", "program"), ("a.jpg.js", b"x", "program"),
        ("a.txt", b"#!/bin/sh", "program"), ("a.txt", b"", "empty"), ("a.bin", b"x" * 15_000_001, "too_large"),
        ("a.pdf", b"%PDF-1.7", ""), ("page.html", b"<script>", ""),
    ],
)  # fmt: skip
def test_which_files_are_not_kept(name: str, content: bytes, why: str) -> None:
    """What runs when it is opened; what is too large; everything that SES found a virus in."""
    assert refusal(name, content) == why
    assert refusal(name, content, infected=True) == "virus"


@pytest.mark.parametrize("content", [b"<svg onload=x>", b"<html>", b"GIF8", b"RIFF....AVI ", b"\x89PNG"])
def test_what_is_no_picture_is_not_shown(content: bytes) -> None:
    """The bytes decide, whatever the mail calls it."""
    assert kind_of(content) == DOWNLOAD
    assert kind_of(b"RIFF....WEBPVP8 ") == "image/webp"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("=?utf-8?q?Hi=0D=0ABcc:_x@y.example?=", "Hi Bcc: x@y.example"),
        ("=?utf-8?q?evil=E2=80=AEgpj.exe?=", "evilgpj.exe"),
        ("a\r\n b", "a b"),
        ("=?utf-8?b?broken", "=?utf-8?b?broken"),
        ("=?utf-8?b?!!!!?=", ""),
        ("=?zlib?q?abc?=", "abc"),
        ("=?unicode_escape?q?=5Cu0041?=", "\\u0041"),
    ],
)
def test_headers_are_one_line(written: str, shown: str) -> None:
    """No line break begins another header, no sign turns a name around, no strange codec is called."""
    assert decoded(written) == shown


@pytest.mark.parametrize(
    "sender",
    [b"", b"From: \r\n", b"From: a@b.example, c@d.example\r\n", b"From: undisclosed:;\r\n", b"X: y\r\n"],
)
def test_a_mail_that_names_nobody(sender: bytes) -> None:
    """Or two people: then nobody knows whose it is."""
    assert read(sender + b"\r\nx").sender == ""


def test_a_name_that_looks_like_an_address() -> None:
    """The address counts, not what its owner calls himself."""
    raw = b"From: =?utf-8?q?fatma=40example.com?= <eve@evil.example>\r\n\r\nx"
    assert read(raw).sender == "eve@evil.example"
    assert read(b'From: "fatma@example.com <x@y.z>" <eve@evil.example>\r\n\r\nx').sender == "eve@evil.example"


def test_a_name_of_a_file_is_a_name() -> None:
    """No path, no line break, no length that a header could not hold."""
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("x")
    for name in ("../../etc/passwd", "a" * 500 + ".pdf", "..", "C:\\x\\y.pdf"):
        mail.add_attachment(b"x", maintype="application", subtype="pdf", filename=name)
    names = [file.name for file in read(mail.as_bytes()).files]
    assert names[0] == "_.._etc_passwd"
    assert names[1].endswith(".pdf")
    assert names[2] == "file-3"
    assert names[3] == "C_x_y.pdf"
    assert all(len(name) <= LONGEST_NAME for name in names)


def test_a_long_text_is_cut() -> None:
    """And says so."""
    found = read(b"From: a@b.example\r\n\r\n" + b"word " * 100_000)
    assert (len(found.text), found.cut) == (TEXT_LENGTH, True)


PIECES = st.sampled_from([
    b"From: a@b.example\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\r\n", b"--b\r\n", b"--b--\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n", b"Content-Transfer-Encoding: base64\r\n", b"=?utf-8?b?/////?=",
    b"Content-Type: message/rfc822\r\n", b"Content-Disposition: attachment; filename*=x'y'%ff%zz\r\n",
    b"Content-Type: text/plain; charset*0*=''%00\r\n", b"Subject: ", b"\xff\xfe", b"\0", b"x" * 50,
    b"References: <a@b>", b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 666 x\r\n",
     b"Content-Type: ;;;=\r\n", b"<p><b>",
])  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=30), max_size=40).map(b"".join))
def test_no_mail_raises(raw: bytes) -> None:
    """Whatever it holds, it is read, in bounds, and the same each time."""
    found = read(raw)
    assert found == read(raw)
    assert len(found.text) <= TEXT_LENGTH
    assert "\n" not in found.subject
    assert "<script" not in replace(found, files=()).text.lower() or b"<script" in raw.lower()
    found.text.encode()
    found.subject.encode()
