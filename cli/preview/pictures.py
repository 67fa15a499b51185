"""Pictures of the products of samples and of the demo, drawn for Kervan. A page holds them, so it fetches nothing."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

from shared.domain.templates.sample import PICTURES

FOLDER = Path(__file__).parent / "pictures"
_ADDRESS = re.compile(re.escape(PICTURES) + r"([a-z0-9-]{1,40})\.png")


def embedded(html: str) -> str:
    """The HTML with each address of a picture that we have replaced by the picture itself."""
    return _ADDRESS.sub(lambda found: _picture(found[1]) or found[0], html)


@cache
def _picture(name: str) -> str:
    file = FOLDER / f"{name}.png"
    return "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode() if file.is_file() else ""
