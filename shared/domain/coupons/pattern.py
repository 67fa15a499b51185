"""Codes made from a pattern: ``CART10-{8}`` is CART10- and eight random letters and digits."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits, without 0, O, 1 and I, which people mix up."""
LEAST, MOST = 6, 24
"""Random signs of a code: fewer could be guessed (six are a thousand million codes), more nobody types in."""
LONGEST = 60
_PIECE = re.compile(r"\{(\d{1,2})\}|([A-Za-z0-9._-]+)", re.ASCII)

Draw = Callable[[int], int]
"""A random number from 0 up to below the argument; from outside, so that a test can say which."""


class Pattern(Struct, frozen=True):
    """``pieces``: texts that stay, and counts of random signs."""

    pieces: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """
        Raises
        ------
        ValueError
            With what is wrong and the remedy.

        >>> Pattern.parse("CART10-{8}").pieces
        ('CART10-', 8)
        """
        found = list(_PIECE.finditer(text))
        if "".join(piece[0] for piece in found) != text or not found:
            raise ValueError(
                f"the pattern {text!r} cannot be read; write letters, digits and a count, such as CART10-{{8}}"
            )
        pieces = tuple(int(piece[1]) if piece[1] else piece[2] for piece in found)
        signs = sum(piece for piece in pieces if isinstance(piece, int))
        if not LEAST <= signs <= MOST:
            raise ValueError(
                f"the pattern {text!r} has {signs} random signs; write {{{LEAST}}} to {{{MOST}}}, such as {{8}}"
            )
        if isinstance(pieces[0], str) and not pieces[0][0].isalnum():
            raise ValueError(f"the pattern {text!r} must begin with a letter, a digit or a count; take the sign out")
        if signs + sum(len(piece) for piece in pieces if isinstance(piece, str)) > LONGEST:
            raise ValueError(f"codes of {text!r} are longer than {LONGEST} signs; shorten it")
        return cls(pieces)

    def code(self, draw: Draw) -> str:
        """One code; whether it was given before is for the store to say.

        >>> Pattern.parse("A-{6}").code(lambda below: below - 1)
        'A-ZZZZZZ'
        """
        return "".join(
            piece if isinstance(piece, str) else "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(piece))
            for piece in self.pieces
        )
