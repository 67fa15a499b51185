"""What an e-mail says that a customer sent: its words, what it quotes, its files. Read by the standard library.

A mail may hold anything. Whatever cannot be read is left out and said so (``cut``). Nothing raises, nothing is
unpacked, and nothing takes longer than the mail is long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256

from shared.domain.conversations import mail_headers
from shared.domain.conversations.conversation import digest
from shared.domain.conversations.message import MOST_ATTACHMENTS, SUBJECT_LENGTH, TEXT_LENGTH
from shared.domain.conversations.quoting import fold
from shared.domain.identity.identifiers import Identifier

MOST_PARTS = 500
"""Parts of a mail that are looked at. Mail programs make some dozens."""
MOST_HTML = 500_000
"""Characters of HTML that are read."""
MOST_NESTED = 20
MOST_TEXT = 4 * TEXT_LENGTH
"""Characters of plain text that are read: what is said, and what it quotes."""
LONGEST_NAME = 120
_NAME = re.compile(r"[/\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file as it came: its name, what the mail says of its type, its bytes."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadMail:
    """``sender``: the address of ``From``, or empty. ``replies_to``: ids of our answers that it goes on from, the
    nearest last. ``cut``: something was left out."""

    sender: str
    subject: str
    text: str
    quoted: str
    reference: str
    references: tuple[str, ...]
    replies_to: tuple[str, ...]
    automatic: bool
    from_list: bool
    files: tuple[MailFile, ...]
    cut: bool


def read_mail(raw: bytes, envelope_sender: str | None, text_of_html: Callable[[str], str]) -> ReadMail:
    """``envelope_sender``: from the SMTP dialogue; None if nobody says it. ``text_of_html`` takes out tags."""
    mail, whole = _parsed(raw)
    headers = mail_headers.headers_of(mail)
    parts = list(_leaves(mail)) if whole else []
    whole = whole and len(parts) <= MOST_PARTS
    said, files = _sorted(parts[:MOST_PARTS])
    text = _text(said, text_of_html)
    now, quoted = fold(text[:MOST_TEXT])
    references = mail_headers.references(headers)
    return ReadMail(
        sender=mail_headers.sender(headers),
        subject=mail_headers.decoded(headers.get("subject", ""))[:SUBJECT_LENGTH],
        text=now[:TEXT_LENGTH],
        quoted=quoted[:TEXT_LENGTH],
        reference=mail_headers.reference(headers),
        references=references,
        replies_to=mail_headers.answered_messages(references),
        automatic=mail_headers.is_automatic(headers, envelope_sender),
        from_list=mail_headers.is_from_list(headers),
        files=tuple(files[:MOST_ATTACHMENTS]),
        cut=not whole
        or max(len(now), len(quoted)) > TEXT_LENGTH
        or len(text) > MOST_TEXT
        or len(files) > MOST_ATTACHMENTS,
    )


def senders_of(head: bytes) -> tuple[str, ...]:
    """Every address that a mail names as its sender or for answers, given its first bytes. Nothing raises."""
    try:
        mail = BytesHeaderParser().parsebytes(head)
        return mail_headers.named_senders(mail_headers.headers_of(mail))
    except Exception:  # noqa: BLE001  whatever a mail holds, it is one that names nobody
        return ()


def mail_id(mail: ReadMail, who: Identifier) -> str:
    """The same for the same mail, however often it is delivered. Who knows the id of a mail that will come cannot keep
    it out: its words are in it too."""
    files = [sha256(file.content).hexdigest() for file in mail.files]
    return digest("mail", str(who), mail.reference, mail.subject, mail.text, mail.quoted, *files)


def _parsed(raw: bytes) -> tuple[Message, bool]:
    """The mail; of one that cannot be taken apart, the headers alone."""
    try:
        return message_from_bytes(raw), True
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError):
        return BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]), False


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold something, in their order; a mail within the mail is one part. At most one more than
    ``MOST_PARTS``, so that who counts knows that something is left."""
    waiting = [(mail, 0)]
    given = 0
    while waiting and given <= MOST_PARTS:
        part, depth = waiting.pop()
        held = part.get_payload() if part.is_multipart() else None
        if isinstance(held, list) and part.get_content_maintype() == "multipart":
            if depth < MOST_NESTED:
                waiting += [(one, depth + 1) for one in reversed(held) if isinstance(one, Message)]
            continue
        given += 1
        yield part


def _sorted(parts: list[Message]) -> tuple[list[tuple[str, str]], list[MailFile]]:
    """The words of the mail as type and text, and its files."""
    said: list[tuple[str, str]] = []
    files: list[MailFile] = []
    for part in parts:
        kind = part.get_content_type()
        if kind.startswith("multipart/"):  # without a boundary, so that it could not be taken apart
            kind = "text/plain"
        if kind in ("text/plain", "text/html") and not _is_file(part):
            said.append((kind, mail_headers.text_of(_bytes(part), _charset(part))))
        elif kind not in ("message/delivery-status", "text/rfc822-headers", "multipart/report"):
            files.append(MailFile(_name(part, len(files) + 1), kind[:LONGEST_NAME], _bytes(part)))
    return said, files


def _is_file(part: Message) -> bool:
    written = mail_headers.headers_of(part)
    return written.get("content-disposition", "").strip().lower().startswith("attachment") or bool(
        _written_name(part) and "content-disposition" in written
    )


def _text(said: list[tuple[str, str]], text_of_html: Callable[[str], str]) -> str:
    """The plain words; the HTML only if there are none."""
    plain = [text for kind, text in said if kind == "text/plain" and text.strip()]
    if plain:
        return _clean("\n".join(plain)[: MOST_TEXT + 1])
    html = "\n".join(text for kind, text in said if kind == "text/html")
    return _clean(text_of_html(html[:MOST_HTML])[: MOST_TEXT + 1]) if html.strip() else ""


def _clean(text: str) -> str:
    """Without signs that nobody can see; the rest of a text of any length is left out by who keeps it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).rstrip().lstrip("\n")


def _bytes(part: Message) -> bytes:
    """What a part holds; nothing if it cannot be decoded."""
    try:
        held = part.get_payload(decode=True)
        if isinstance(held, bytes):
            return held
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    except Exception:  # noqa: BLE001  the library raises many kinds for what senders made up
        return b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:  # noqa: BLE001  as above
        return None


def _written_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except Exception:  # noqa: BLE001  as above
        return ""


def _name(part: Message, number: int) -> str:
    return file_name(mail_headers.decoded(_written_name(part)[: mail_headers.HEADER_LENGTH])) or f"file-{number}"


def file_name(written: str) -> str:
    """The name of a file: of one line, without a path, the end kept that says what it is; empty for none."""
    found = _NAME.sub("_", mail_headers.one_line(written)).strip(". ")
    return found if len(found) <= LONGEST_NAME else f"{found[: LONGEST_NAME - 12]}~{found[-11:]}"
