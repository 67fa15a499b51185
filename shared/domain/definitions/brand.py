"""``brand:`` in ``definitions/shop.yaml``: how pages and messages look. Only values that are safe in HTML and CSS."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

LEAST_CONTRAST = 4.5
"""Of text on its background (WCAG 2.2, level AA)."""
BLACK, WHITE = "#000000", "#ffffff"
FontName = Literal["system", "arial", "verdana", "tahoma", "trebuchet", "georgia", "times", "courier"]
FONTS: dict[FontName, str] = {
    "system": "-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif",
    "arial": "Arial, Helvetica, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "tahoma": "Tahoma, Geneva, sans-serif",
    "trebuchet": "Trebuchet MS, Helvetica, sans-serif",
    "georgia": "Georgia, Times New Roman, serif",
    "times": "Times New Roman, Times, serif",
    "courier": "Courier New, Courier, monospace",
}
"""What CSS calls them: fonts that every device has, without quotation marks."""
_LOGO = r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?/[A-Za-z0-9/._~%?=&+@-]*"
"""Compiled by ``re`` with the first logo."""
_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]


class Brand(BaseModel):
    """The logo, colours and font of the shop.

    ``colour`` is that of buttons; what stands on it is black or white, whichever can be read better (``on_colour``).
    ``text`` is written on ``background``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    logo: str = Field(default="", max_length=500)
    colour: _Colour = "#a8431f"
    background: _Colour = "#f6f2ec"
    text: _Colour = "#221c16"
    font: FontName = "system"

    @field_validator("logo")
    @classmethod
    def _https(cls, url: str) -> str:
        if url and re.fullmatch(_LOGO, url, re.IGNORECASE) is None:
            raise ValueError("logo must be the https address of a picture, such as https://shop.example/logo.png")
        return url

    @model_validator(mode="after")
    def _readable(self) -> Self:
        found = contrast(self.text, self.background)
        if found < LEAST_CONTRAST:
            raise ValueError(
                f"text {self.text} on background {self.background} has a contrast of {found:.1f}; "
                f"choose a darker or lighter one, at least {LEAST_CONTRAST}"
            )
        return self

    @property
    def on_colour(self) -> str:
        """Black or white, for what is written on ``colour``."""
        return readable_on(self.colour)

    @property
    def font_stack(self) -> str:
        """The value of ``font-family``."""
        return FONTS[self.font]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2), from 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(background: str) -> str:
    """Black or white, whichever has more contrast: that is at least 4.58 on every colour.

    >>> readable_on("#a8431f"), readable_on("#ffe14d")
    ('#ffffff', '#000000')
    """
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, background))


def mixed(one: str, other: str, share: float) -> str:
    """A colour between both; ``share`` is that of ``other``, from 0 to 1.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = ((int(one[place : place + 2], 16), int(other[place : place + 2], 16)) for place in (1, 3, 5))
    return "#" + "".join(f"{int(mine + (theirs - mine) * share + 0.5):02x}" for mine, theirs in pairs)


def adjusted(wanted: str, background: str, least: float) -> str:
    """``wanted``, made darker or lighter until its contrast on ``background`` is ``least`` (at most 4.5).

    >>> adjusted("#a8431f", "#ffffff", 4.5), contrast(adjusted("#ffe14d", "#ffffff", 4.5), "#ffffff") >= 4.5
    ('#a8431f', True)
    """
    ink = readable_on(background)
    steps = (mixed(wanted, ink, step / 20) for step in range(21))
    return next(colour for colour in steps if contrast(colour, background) >= least)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
