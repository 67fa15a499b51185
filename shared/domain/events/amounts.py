"""Amounts of money as shops write them: ``1299.90``, ``1.299,90``, ``1,299.90``, ``₺199,90``, ``199.90 TL``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

LARGEST = Decimal(10) ** 12
Problem = Literal["two_ways", "no_amount"]

_CURRENCY = r"(?:[₺$€£]|TL|[A-Z]{3})"
_WITH_CURRENCY = rf"(-?)(?:{_CURRENCY}\s*)?(-?[0-9][0-9.,]*)(?:\s*{_CURRENCY})?"
_TWO_WAYS = r"-?[1-9][0-9]{0,2}[.,][0-9]{3}"
_POINT = r"-?[0-9]{1,15}(\.[0-9]{1,9})?"
_COMMA = r"-?[0-9]{1,15},[0-9]{1,9}"
_POINTS_THEN_COMMA = r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,9}|-?[0-9]{1,3}(\.[0-9]{3}){2,}"
_COMMAS_THEN_POINT = r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,9}|-?[0-9]{1,3}(,[0-9]{3}){2,}"
"""Compiled by ``re`` with the first amount that is a text; most functions meet none."""


def read_amount(value: Any) -> Decimal | Problem:
    """A number, or its text with or without a currency.

    Returns
    -------
    Decimal or str
        ``two_ways`` for text such as ``1.299``, which is 1299 in Turkey and 1.299 elsewhere: a wrong amount is worse
        than none. ``no_amount`` for everything else, and for 10^12 and more.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "no_amount"
    try:
        read = _of_text(value) if isinstance(value, str) else Decimal(str(value))
    except InvalidOperation:
        return "no_amount"
    if isinstance(read, Decimal) and not (read.is_finite() and abs(read) < LARGEST):
        return "no_amount"
    return read


def _of_text(text: str) -> Decimal | Problem:
    found = re.fullmatch(_WITH_CURRENCY, text.strip(), re.IGNORECASE) if len(text) <= 40 else None
    if found is None or (found[1] and found[2].startswith("-")):
        return "no_amount"
    digits = found[1] + found[2]
    if re.fullmatch(_TWO_WAYS, digits):
        return "two_ways"
    if re.fullmatch(_POINTS_THEN_COMMA, digits) or re.fullmatch(_COMMA, digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(_COMMAS_THEN_POINT, digits):
        return Decimal(digits.replace(",", ""))
    return Decimal(digits) if re.fullmatch(_POINT, digits) else "no_amount"
