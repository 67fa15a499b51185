"""Headers of an e-mail that anybody may have written: decoded, of one line, of a bounded length.

RFC 5322 (addresses, threads), RFC 2047 (encoded words), RFC 3834 (automatic answers), RFC 3464 (bounces).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from shared.domain.conversations.jobs import MOST_REFERENCES, REFERENCE_LENGTH

HEADER_LENGTH = 4_000
"""Characters of a header that are read; what nobody writes is not looked at."""
MOST_HEADERS = 1_000
OWN_DOMAIN = "conversation.kervan"
"""What the ids end with by which an answer of ours is known in ``References``."""
_REFERENCE = re.compile(rf"<[!-;=?-~]{{1,{REFERENCE_LENGTH - 2}}}>")
_OWN = re.compile(r"<([a-z2-7]{26})@" + re.escape(OWN_DOMAIN) + ">")
_CHARSETS = frozenset({
    "ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "big5", "gb2312", "gbk", "gb18030", "euc_jp", "euc_kr",
    "shift_jis", "iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "cp437", "cp850", "cp857", "cp874", "tis-620",
    *(f"iso8859-{number}" for number in (*range(1, 12), *range(13, 17))), *(f"cp125{digit}" for digit in range(9)),
})  # fmt: skip
"""Character sets of mails. Python knows more, some of which take long for hostile bytes."""
_AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autorespond-from")


def headers_of(mail: Message) -> Mapping[str, str]:
    """The first of each header as it was written, by its name in small letters."""
    found: dict[str, str] = {}
    for name, value in list(mail.raw_items())[:MOST_HEADERS]:
        raw = str(value)[:HEADER_LENGTH].encode("ascii", "surrogateescape")
        found.setdefault(name.lower(), raw.decode("utf-8", "replace"))
    return found


def decoded(value: str) -> str:
    """A header as people read it, in one line. Line breaks and invisible signs, which could begin another header or
    turn a name around, are spaces or gone."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        parts = [(value, None)]
    return one_line("".join(part if isinstance(part, str) else text_of(part, charset) for part, charset in parts))


def one_line(text: str) -> str:
    spaced = "".join(" " if sign.isspace() else sign for sign in text)
    kept = "".join(sign for sign in spaced if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def text_of(raw: bytes, charset: str | None) -> str:
    """Bytes as text; of an unknown character set as UTF-8, with a question mark for what is none."""
    try:
        name = codecs.lookup((charset or "utf-8")[:40]).name
    except (LookupError, ValueError):
        name = "utf-8"
    found = raw.decode(name if name in _CHARSETS else "utf-8", "replace")
    return found.removeprefix("\ufeff")


def sender(headers: Mapping[str, str]) -> str:
    """The address of ``From``; empty unless it names exactly one. Names are not decoded before: one could hold an
    address."""
    found = [address for _, address in getaddresses([headers.get("from", "")[:HEADER_LENGTH]]) if address]
    return found[0] if len(found) == 1 else ""


def named_senders(headers: Mapping[str, str]) -> tuple[str, ...]:
    """All addresses of ``From``, ``Sender``, ``Reply-To`` and ``Return-Path``."""
    said = [headers.get(name, "")[:HEADER_LENGTH] for name in ("from", "sender", "reply-to", "return-path")]
    return tuple(dict.fromkeys(address for _, address in getaddresses(said) if address))


def reference(headers: Mapping[str, str]) -> str:
    """The id of the mail; empty if it is none that an answer could name."""
    found = headers.get("message-id", "").strip()
    return found if _REFERENCE.fullmatch(found) else ""


def references(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of the mails that it goes on from, the nearest last."""
    named = _REFERENCE.findall(headers.get("references", "")) + _REFERENCE.findall(headers.get("in-reply-to", ""))[:1]
    nearest_last = tuple(reversed(tuple(dict.fromkeys(reversed(named)))))
    return nearest_last[-MOST_REFERENCES:]


def own_reference(message: str) -> str:
    """The id by which an answer is known again in the references of what is written to it."""
    return f"<{message}@{OWN_DOMAIN}>"


def answered_messages(named: tuple[str, ...]) -> tuple[str, ...]:
    """Our own answers among these references, the nearest last."""
    return tuple(found[1] for one in named if (found := _OWN.fullmatch(one)))


def is_from_list(headers: Mapping[str, str]) -> bool:
    """Whether nothing may be answered by itself (RFC 3834, 2): a list or mass mail sent it, or nobody reads answers."""
    precedence = headers.get("precedence", "").strip().lower()
    local = sender(headers).partition("@")[0].lower().replace("-", "").replace("_", "")
    return (
        precedence in ("bulk", "list", "junk")
        or any(name in headers for name in ("list-id", "list-unsubscribe", "list-post"))
        or local in ("noreply", "donotreply", "postmaster")
    )


def is_automatic(headers: Mapping[str, str], envelope_sender: str | None) -> bool:
    """Whether a machine wrote it, so that nobody is to answer: an out-of-office reply, a bounce, a report.

    ``Precedence: bulk`` alone is none: shops' platforms forward questions of people with it.
    """
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    content = headers.get("content-type", "").partition(";")[0].strip().lower()
    returned = headers.get("return-path", "").strip()
    return (
        submitted not in ("no", "")
        or content == "multipart/report"
        or envelope_sender in ("", "<>")
        or returned == "<>"
        or headers.get("precedence", "").strip().lower() == "auto_reply"
        or any(name in headers for name in _AUTOMATIC_HEADERS)
        or sender(headers).partition("@")[0].lower() == "mailer-daemon"
    )
