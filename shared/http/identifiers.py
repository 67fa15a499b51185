"""Identifiers as people write them in a path or a query."""

from __future__ import annotations

from shared.domain.identity.identifiers import Identifier, InvalidIdentifier, PhoneReader, parse_identifier
from shared.http.answers import malformed


def read_identifier(written: str, phone: PhoneReader) -> Identifier:
    """Read ``type:value``.

    Raises
    ------
    Problem
        400 if it can be nobody's.
    """
    try:
        return parse_identifier(written, phone)
    except InvalidIdentifier as broken:
        raise malformed(str(broken)) from broken
