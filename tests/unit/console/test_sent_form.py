"""Forms with files: every byte as it was, fields beside them, and what is no form refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.console.sent_form import MOST_PARTS, read_form
from shared.domain.conversations.sent_files import MOST_BYTES
from shared.http.answers import Problem
from shared.http.request import Request, read_request
from tests.support.cases import cases

pytestmark = pytest.mark.unit
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def form(*parts: tuple[str, bytes, str | None], kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> Request:
    """As Chromium sends it; the third of a part is the name of a file."""
    raw = b""
    for name, content, file in parts:
        named = "" if file is None else f'; filename="{file}"\r\nContent-Type: application/octet-stream'
        raw += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode()
        raw += content + b"\r\n"
    return request(raw + f"--{BOUNDARY}--\r\n".encode(), kind)


def request(raw: bytes, kind: str) -> Request:
    event: dict[str, Any] = {
        "rawPath": "/console/x",
        "headers": {"content-type": kind},
        "requestContext": {"http": {"method": "POST"}},
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
    }
    return read_request(event)


@given(st.binary(min_size=1, max_size=300), st.text(max_size=40))
@cases(150)
def test_every_byte_arrives(content: bytes, text: str) -> None:
    """Line ends, zeros, what looks like a boundary."""
    said = text.encode("utf-8", "replace")
    found = read_form(form(("text", said, None), ("files", content, "şema.pdf")))
    (file,) = found.files
    assert (file.content, file.name.startswith("şema")) == (content, True)
    assert found.fields == {"text": said.decode()}


def test_a_large_picture_is_whole() -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12_000
    (file,) = read_form(form(("files", content, "a.png"))).files
    assert (file.content == content, file.type) == (True, "image/png")


def test_fields_alone_are_read_as_before() -> None:
    found = read_form(request(b"a=1&b=%C5%9F&a=2", "application/x-www-form-urlencoded"))
    assert (found.fields, found.files) == ({"a": "1", "b": "ş"}, ())


def test_a_field_in_which_no_file_was_chosen_holds_none() -> None:
    assert read_form(form(("files", b"", ""), ("text", b"x", None))).files == ()


@pytest.mark.parametrize(
    "asked",
    [form(("text", b"x" * 70_000, None)), form(("text", b"\xff", None)), form(*[("a", b"", None)] * (MOST_PARTS + 1)),
     request(b"no parts", "multipart/form-data; boundary=x"), request(b"x", "multipart/form-data"),
     request(b"--x\r\n\r\nhello\r\n--x--", "multipart/form-data; boundary=x"),
     form(("text", b"x", None), kind="multipart/form-data; boundary=" + "y" * 300)],
)  # fmt: skip
def test_what_is_no_form_is_refused(asked: Request) -> None:
    with pytest.raises(Problem) as refused:
        read_form(asked)
    assert refused.value.status == 400


def test_too_much_says_so() -> None:
    with pytest.raises(Problem, match="4 MB"):
        read_form(form(("files", b"x" * (MOST_BYTES + 70_000), "a.png")))
    with pytest.raises(Problem, match="at most 5"):
        read_form(form(*[("files", b"x", "a")] * 6))
