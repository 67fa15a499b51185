"""Files that never change under their name: the name holds a digest of the content, so browsers keep them."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.http.answers import Answer, not_found
from shared.http.request import Request

PATH = "/console/static/"
FOREVER = "public, max-age=31536000, immutable"
_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "static", _HERE / "vendored")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_ZIPPED = ".gz"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """``packed`` is the content as gzip."""

    name: str
    type: str
    packed: bytes


@cache
def _files() -> dict[str, StaticFile]:
    """By the name under which each is served."""
    found = {}
    for path in sorted(file for folder in _FOLDERS for file in folder.iterdir()):
        raw = path.read_bytes()
        plain = path.with_suffix("") if path.suffix == _ZIPPED else path
        if plain.suffix not in _TYPES:
            continue
        packed = raw if path.suffix == _ZIPPED else gzip.compress(raw, mtime=0)
        digest = hashlib.sha256(packed).hexdigest()[:12]
        name = f"{plain.stem}.{digest}{plain.suffix}"
        found[name] = StaticFile(plain.name, _TYPES[plain.suffix], packed)
    return found


@cache
def _addresses() -> dict[str, str]:
    return {file.name: PATH + name for name, file in _files().items()}


def static_address(name: str) -> str:
    """Where a file of ours is served.

    Raises
    ------
    KeyError
        If there is no such file.
    """
    return _addresses()[name]


def static_file(request: Request) -> Answer:
    """Answer a request below ``/console/static``; needs no session, holds nothing of anybody.

    Raises
    ------
    Problem
        404 for a name of no file.
    """
    file = _files().get("/".join(request.path[2:]))
    if file is None:
        raise not_found("there is no such file")
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    body = file.packed if zipped else gzip.decompress(file.packed)
    headers = {
        "content-type": file.type,
        "cache-control": FOREVER,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        **({"content-encoding": "gzip"} if zipped else {}),
    }
    return {"statusCode": 200, "headers": headers, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}
