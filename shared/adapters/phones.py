"""Phone numbers as people write them, into E.164."""

from __future__ import annotations

from functools import lru_cache

from shared.domain.identifiers import PhoneReader


def phone_reader(region: str) -> PhoneReader:
    """A reader of numbers; those without a country code belong to ``region`` (``TR``).

    The library behind it is imported with the first number only: most events carry none.
    """

    @lru_cache(maxsize=4096)
    def read(written: str) -> str | None:
        import phonenumbers

        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number):
            return None
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    return read
