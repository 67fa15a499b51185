"""Phone numbers as people write them, into E.164."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from shared.domain.identity.identifiers import PhoneReader


def phone_reader(region: str) -> PhoneReader:
    """A reader of numbers; those without a country code belong to ``region`` (``TR``)."""
    return lambda written: _read(written, region)


def shop_phone_reader(region: Callable[[], str]) -> PhoneReader:
    """The same, asking for the region only when a number is met that does not name its country."""
    return lambda written: _read(written, "" if written.startswith("+") else region())


def country_of(number: str) -> str:
    """The two letters of the country of a number in E.164; empty if it belongs to none.

    >>> country_of("+905321112233"), country_of("+15551112233")
    ('TR', '')
    """
    import phonenumbers

    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


def may_be_mobile(number: str) -> bool:
    """Whether a number in E.164 may take text messages: no landline, and none that costs whoever calls it more.

    >>> may_be_mobile("+905321112233"), may_be_mobile("+14155552671")
    (True, True)
    >>> may_be_mobile("+909001234567"), may_be_mobile("+902121234567")
    (False, False)
    """
    import phonenumbers

    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


@lru_cache(maxsize=4096)
def _read(written: str, region: str) -> str | None:
    # Imported with the first number only: most events carry none.
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
