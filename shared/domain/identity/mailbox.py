"""E-mail addresses: the address as it was written, and the one form under which a mailbox is compared.

Mail providers deliver to a local part without regard to its case, and a domain has one ASCII form (its A-label,
RFC 5891). So two spellings of one mailbox compare equal. Mail goes to the address as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_DISPLAY_NAME = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^"<>])*<([^<>]+)>', re.DOTALL)
_MAILTO = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9_.-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ATOMS = re.compile(r'[^\s"\\@,;:<>()\[\].]+(?:\.[^\s"\\@,;:<>()\[\].]+)*')
_INVISIBLE = dict.fromkeys(
    [
        0xAD,
        0x61C,
        0x180E,
        0x200B,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    ]
)
"""Byte order marks, soft hyphens, blanks without width, and marks of direction: they come along when a cell or a page
is copied, and no provider has them in an address."""
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
"""The dots that IDNA takes for a full stop."""


class InvalidMailbox(ValueError):
    """A text that is no e-mail address. The message never repeats the text."""


def written_address(text: str) -> str:
    """The bare address of ``Ayşe <a@b.example>``, ``mailto:a@b.example`` or ``a@b.example``, spelled as given.

    Raises
    ------
    InvalidMailbox
        If the text is no single e-mail address.
    """
    address = _visible(text)
    if not _ADDRESS.fullmatch(address) or ":" in address:
        named = _DISPLAY_NAME.fullmatch(address)
        if named:
            address = _visible(named[1])
        link = _MAILTO.fullmatch(address)
        if link:
            address = _visible(unquote(link[1]))
    if not _ADDRESS.fullmatch(address):
        raise InvalidMailbox("not an e-mail address")
    return address


def _visible(text: str) -> str:
    """NFC, without blanks and apostrophes around it, and without what nobody sees."""
    address = text.strip()
    if not address.isascii():
        local, at, domain = unicodedata.normalize("NFC", address.translate(_INVISIBLE)).rpartition("@")
        address = f"{local}{at}{domain.translate(_DOTS)}".strip()
    return address[1:-1].strip() if address[:1] == address[-1:] == "'" else address


def mailbox(text: str) -> str:
    """The form under which spellings of one mailbox are equal: local part case-folded, domain as its A-label.

    Case folding is Unicode's, after NFC, and never Turkish: which language a local part is in is not known.

    >>> mailbox("Ayşe Yılmaz <Ayse@Bücher.example>")
    'ayse@xn--bcher-kva.example'

    Raises
    ------
    InvalidMailbox
        If the text is no single e-mail address, or the domain cannot be a domain name.
    """
    local, _, domain = written_address(text).rpartition("@")
    return f"{_folded(_unquoted(local))}@{ascii_domain(domain)}"


def _unquoted(local: str) -> str:
    """``"ayse"`` is ``ayse`` (RFC 5321, 4.1.2); quotes stay around what needs them."""
    quoted = _QUOTED.fullmatch(local)
    bare = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL) if quoted else ""
    return bare if _ATOMS.fullmatch(bare) else local


def ascii_domain(domain: str) -> str:
    """The A-label form of a domain, in lower case.

    Raises
    ------
    InvalidMailbox
        If a part of the domain is not allowed in a domain name.
    """
    if domain.isascii():
        if not _HOST.fullmatch(domain):
            raise InvalidMailbox("the domain of the e-mail address is not a domain name")
        return domain.lower()
    import idna  # its tables take 10 ms to load, and few domains need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError as broken:
        raise InvalidMailbox("the domain of the e-mail address is not a domain name") from broken


def deliverable_address(address: str) -> str:
    """The address as mail transport takes it: as written, a domain with other than ASCII letters as its A-label."""
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{ascii_domain(domain)}"


def _folded(local: str) -> str:
    """Folded until nothing changes: folding can leave text that is not in NFC, and NFC text that folds again."""
    while True:
        folded = unicodedata.normalize("NFC", local.casefold())
        if folded == local:
            return folded
        local = folded
