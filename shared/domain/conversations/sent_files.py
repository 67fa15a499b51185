"""Files that agents send: which a channel takes, told by their bytes, before anything of the answer is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.conversations.conversation import Channel
from shared.domain.conversations.files import kind_of
from shared.domain.conversations.mail import file_name

MOST_FILES = 5
MOST_BYTES = 4_000_000
"""Of all files of an answer: a request to a Lambda function holds 6 MB, in which they are a third longer."""
CAPTION = 1_024
"""Characters beside a file on WhatsApp."""
PICTURES = frozenset({"image/png", "image/jpeg"})
TAKEN: dict[Channel, frozenset[str]] = {
    "email": PICTURES | {"image/gif", "image/webp", "application/pdf"},
    "whatsapp": PICTURES | {"application/pdf"},
    "instagram": PICTURES | {"image/gif"},
    "messenger": PICTURES | {"image/gif", "application/pdf"},
}
"""By channel what its provider takes. The other channels carry no files."""
_ENDS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "application/pdf": "pdf",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentFile:
    """``type``: what the bytes show."""

    name: str
    type: str
    content: bytes


def sent_file(name: str, content: bytes) -> SentFile:
    """With a name of one line whose end says what the bytes are: ``invoice.exe`` of a PDF becomes ``invoice.exe.pdf``.

    >>> sent_file("../a.exe", b"%PDF-1.7").name
    '_a.exe.pdf'
    """
    kind, said = kind_of(content), file_name(name) or "file"
    end = _ENDS.get(kind, "")
    right = {end, "jpeg"} if end == "jpg" else {end}
    return SentFile(said if not end or said.rpartition(".")[2].lower() in right else f"{said}.{end}", kind, content)


def files_refused(channel: Channel, text: str, files: Sequence[SentFile]) -> str:
    """Why the channel does not take these files beside this text: a word, or empty if it does."""
    if not files:
        return ""
    if channel not in TAKEN:
        return "no_files"
    if sum(len(file.content) for file in files) > MOST_BYTES:
        return "files_too_large"
    if any(file.type not in TAKEN[channel] for file in files):
        return "file_type"
    if len(files) > (MOST_FILES if channel == "email" else 1):
        return "too_many_files"
    if channel == "whatsapp" and len(text) > CAPTION:
        return "caption_too_long"
    return "file_alone" if channel in ("instagram", "messenger") and text else ""
