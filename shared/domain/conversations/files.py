"""What a file is that a customer sent: said by its first bytes, not by its name or by who sent it.

Nothing is unpacked. Only pictures of four forms are ever shown in a page; everything else is handed out as a download,
SVG and HTML too, because they hold scripts.
"""

from __future__ import annotations

import re

LARGEST = 15_000_000
"""Bytes of one file; mails hold 40 MB in all at most."""
PREFIX = "files/"
DOWNLOAD = "application/octet-stream"
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Forms that a page may show."""
_RUNS = frozenset({
    "apk", "app", "application", "appref-ms", "appx", "bat", "chm", "cmd", "com", "command", "cpl", "desktop", "dll",
    "dmg", "exe", "hta", "img", "inf", "iso", "jar", "jnlp", "js", "jse", "library-ms", "lnk", "mjs", "msc", "msi",
    "msix", "msp", "pif", "pkg", "ps1", "psm1", "py", "pyw", "reg", "scf", "scr", "sct", "search-ms",
    "settingcontent-ms", "sh", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "ws", "wsc", "wsf", "wsh", "xll",
})  # fmt: skip
"""Ends of names that a desktop runs when somebody opens them."""
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_HEAD = 4_096
"""Bytes in which the first tag of a picture stands, behind declarations and comments."""
_PLACE = re.compile(re.escape(PREFIX) + r"[a-z2-7]{26}/[0-9]{1,2}")


def kind_of(content: bytes) -> str:
    """The type that the bytes show; ``DOWNLOAD`` for everything that is not shown or read in a page."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS if content.startswith(sign)), DOWNLOAD)


def refusal(name: str, content: bytes, *, infected: bool = False) -> str:
    """Why a file is not kept; empty if it is."""
    if infected:
        return "virus"
    if not content:
        return "empty"
    if len(content) > LARGEST:
        return "too_large"
    end = name.rstrip(". ").rpartition(".")[2].lower()  # a desktop leaves dots and spaces at the end away
    if end in _RUNS or content.startswith(_PROGRAMS):
        return "program"
    return ""


def is_svg(content: bytes) -> bool:
    """Whether a browser would take it for a picture that may hold scripts."""
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head


def place_of(message: str, number: int) -> str:
    """Where a file of a message is kept."""
    return f"{PREFIX}{message}/{number}"


def is_place(place: str) -> bool:
    """Whether it names a file that we kept."""
    return _PLACE.fullmatch(place) is not None
