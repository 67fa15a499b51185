"""The colours of an e-mail, made of the brand's: what stands on a white card, on the page behind it, and in dark mode.

Whatever colours a shop chooses, every text has a contrast of at least 4.5 on what it stands on (WCAG AA).
"""

from __future__ import annotations

from functools import lru_cache

from shared.domain.definitions.brand import BLACK, LEAST_CONTRAST, WHITE, Brand, contrast, mixed

CARD = WHITE
DARK_PAGE, DARK_CARD = "#151311", "#221f1c"
DARK_TEXT, DARK_QUIET, DARK_LINE = "#f3eee8", "#b9b0a6", "#3d3833"
"""Neutral colours of dark mode."""
STEPS = 20


@lru_cache(maxsize=16)
def brand_view(brand: Brand) -> dict[str, str]:
    """``shop.brand`` of templates. Kept for each brand: nobody may change it.

    ``colour`` is that of buttons, with ``on_colour`` on it; ``background`` is the page, with ``page_text`` and
    ``page_quiet`` on it. On the white card stand ``ink``, ``quiet`` and ``accent``, also in a box of ``tint``, with
    lines of ``line``. The names with ``dark_`` are the same in dark mode.
    """
    tint = mixed(CARD, brand.colour, 0.1)
    ink = readable(brand.text, CARD, tint)
    dark_tint = mixed(DARK_CARD, brand.colour, 0.22)
    return {
        "logo": brand.logo,
        "colour": brand.colour,
        "on_colour": brand.on_colour,
        "background": brand.background,
        "text": brand.text,
        "font": brand.font_stack,
        "page_text": brand.text,
        "page_quiet": readable(mixed(brand.background, brand.text, 0.68), brand.background),
        "ink": ink,
        "quiet": readable(mixed(CARD, ink, 0.68), CARD, tint),
        "accent": readable(brand.colour, CARD, tint),
        "tint": tint,
        "line": mixed(CARD, ink, 0.12),
        "dark_page": DARK_PAGE,
        "dark_card": DARK_CARD,
        "dark_ink": DARK_TEXT,
        "dark_quiet": readable(DARK_QUIET, DARK_CARD, dark_tint),
        "dark_accent": readable(brand.colour, DARK_CARD, DARK_PAGE, dark_tint),
        "dark_tint": dark_tint,
        "dark_line": DARK_LINE,
    }


def readable(wanted: str, *backgrounds: str) -> str:
    """``wanted``, made darker or lighter until it can be read on all of these; in the end black or white.

    >>> readable("#a8431f", "#ffffff"), readable("#ffe14d", "#ffffff")
    ('#a8431f', '#807127')
    """
    end = max((BLACK, WHITE), key=lambda ink: min(contrast(ink, background) for background in backgrounds))
    for step in range(STEPS):
        tried = mixed(wanted, end, step / STEPS)
        if all(contrast(tried, background) >= LEAST_CONTRAST for background in backgrounds):
            return tried
    return end
