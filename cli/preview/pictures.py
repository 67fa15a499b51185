"""Pictures of the products of samples and of the demo, drawn for Kervan. A page of the preview holds them and fetches
nothing; the local stack serves them to who looks at an e-mail of its outbox."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

from shared.domain.templates.sample import PICTURES

SERVED = "/_kervan/pictures/"
"""Where the local stack serves them."""
FOLDER = Path(__file__).parent / "pictures"
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_ADDRESS = re.compile(re.escape(PICTURES) + rf"({_NAME.pattern})\.png")


def embedded(html: str) -> str:
    """The HTML with each address of a picture that we have replaced by the picture itself."""
    return _ADDRESS.sub(lambda found: _picture(found[1]) or found[0], html)


def served(html: str, base: str) -> str:
    """The HTML with each address of a picture that we have led to the local stack at ``base``. The demo's shop does not
    exist, so nobody else serves them."""
    return _ADDRESS.sub(lambda found: f"{base}{SERVED}{found[1]}.png" if content(found[1]) else found[0], html)


@cache
def content(name: str) -> bytes:
    """The PNG of a picture; empty if there is none."""
    file = FOLDER / f"{name}.png"
    return file.read_bytes() if _NAME.fullmatch(name) and file.is_file() else b""


def _picture(name: str) -> str:
    found = content(name)
    return "data:image/png;base64," + base64.b64encode(found).decode() if found else ""
