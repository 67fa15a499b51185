"""A form as browsers send it: fields alone, or fields with files (RFC 7578), read by the standard library's parser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from urllib.parse import parse_qs

from shared.domain.conversations.mail_headers import headers_of
from shared.domain.conversations.sent_files import MOST_BYTES, MOST_FILES, SentFile, sent_file
from shared.http.answers import Problem, malformed
from shared.http.request import Request

MOST_FORM_BYTES = 60_000
MOST_FIELDS = 1_000
MOST_PARTS = 40
"""Of a form with files; ours has ten."""
MOST_BYTES_WITH_FILES = MOST_BYTES + MOST_FORM_BYTES
_FILES = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SentForm:
    """``fields``: each once. ``files``: those that were chosen, in their order."""

    fields: Mapping[str, str]
    files: tuple[SentFile, ...] = ()


def read_form(request: Request) -> SentForm:
    """
    Raises
    ------
    Problem
        400 if it is no form, 409 if its files are too large.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() == _FILES:
        return _with_files(kind, request.body(2 * MOST_BYTES_WITH_FILES))
    raw = request.body()
    if len(raw) > MOST_FORM_BYTES:
        raise malformed("the form is too large")
    try:
        found = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError) as broken:
        raise malformed("the form cannot be read") from broken
    return SentForm({name: values[0] for name, values in found.items()})


def _with_files(kind: str, raw: bytes) -> SentForm:
    if len(raw) > MOST_BYTES_WITH_FILES:
        raise Problem(409, "files_too_large", "the files of an answer hold 4 MB at most")
    head = b"Content-Type: " + kind.encode("latin-1", "replace").replace(b"\n", b" ").replace(b"\r", b" ")
    mail = BytesParser().parsebytes(head + b"\r\n\r\n" + raw)
    parts = mail.get_payload()
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise malformed("the form cannot be read")
    fields: dict[str, str] = {}
    files: list[SentFile] = []
    for part in parts:
        if not isinstance(part, Message) or part.is_multipart():
            raise malformed("the form cannot be read")
        _take(part, fields, files)
    if len(files) > MOST_FILES:
        raise Problem(409, "too_many_files", f"an answer has at most {MOST_FILES} files")
    if sum(len(value) for value in fields.values()) > MOST_FORM_BYTES:
        raise malformed("the form is too large")
    return SentForm(fields, tuple(files))


def _take(part: Message, fields: dict[str, str], files: list[SentFile]) -> None:
    head = Message()
    head["content-disposition"] = headers_of(part).get("content-disposition", "")
    name, written = head.get_param("name", header="content-disposition"), head.get_filename()
    content = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(content, bytes):
        raise malformed("the form cannot be read")
    if written is None:
        try:
            fields.setdefault(name, content.decode())
        except UnicodeDecodeError as broken:
            raise malformed("the form cannot be read") from broken
    elif content:  # a field of files in which nothing was chosen sends an empty one
        files.append(sent_file(written, content))
