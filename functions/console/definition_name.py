"""What a definition is called, made of the label that people gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.domain.definitions.text_comparison import folded

LONGEST = 48
_TURKISH = str.maketrans("çğıöşüâîû", "cgiosuaiu")
_OTHERS = re.compile(r"[^a-z0-9]+")


def name_of(labels: Mapping[str, str], unnamed: str) -> str:
    """In small letters of every keyboard: ``Ankara'da iki kez alanlar`` is ``ankara-da-iki-kez-alanlar``.

    ``unnamed`` is used where the labels hold no letter and no digit.
    """
    said = labels.get("tr") or labels.get("en") or ""
    plain = _OTHERS.sub("-", folded(said).translate(_TURKISH)).strip("-")[:LONGEST].strip("-")
    if not plain:
        return unnamed
    return plain if plain[:1].isalpha() else f"s-{plain}"[:LONGEST].strip("-")
