"""The layout of all pages that recipients see: the shop's style, no script, readable on a phone, in light and in dark.

A page is sent whole: its style stands in it and is allowed by its digest, so nothing else is loaded but the logo.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from shared.domain.definitions.brand import LEAST_CONTRAST, WHITE, Brand, adjusted, contrast, mixed, readable_on
from shared.http.answers import Answer

LANGUAGES = {"tr": "Türkçe", "en": "English"}
"""The languages of the pages."""
_DARK = {"background": "#141414", "card": "#202020", "text": "#f2f2f2"}
_UI_CONTRAST = 3.0
"""Of a button against what is around it (WCAG 2.2, 1.4.11)."""
_STYLE = """
:root{{color-scheme:light dark;{light}}}
@media (prefers-color-scheme:dark){{:root{{{dark}}}}}
*{{box-sizing:border-box}}
body{{margin:0;font:17px/1.55 {font};color:var(--text);background:var(--background);
padding:24px 16px 40px;overflow-wrap:break-word}}
header,main,footer{{max-width:34rem;margin:0 auto}}
header{{display:flex;flex-wrap:wrap;gap:12px;align-items:center;justify-content:space-between;padding:0 4px 16px}}
.shop{{font-weight:700;font-size:1.05rem}}
.logo{{display:block;max-height:48px;max-width:200px;border-radius:6px}}
nav a{{display:inline-block;padding:12px 4px;color:var(--link-outside)}}
main{{background:var(--card);border-radius:16px;padding:24px;border:1px solid var(--line)}}
h1{{font-size:1.5rem;line-height:1.25;margin:0 0 8px}}
h2,legend{{font-size:1.05rem;font-weight:700;padding:0;margin:0 0 4px}}
p{{margin:0 0 12px}}
a{{color:var(--link)}}
fieldset{{border:0;border-top:1px solid var(--line);margin:0;padding:20px 0 12px;min-width:0}}
fieldset>legend{{float:left;width:100%}}
fieldset>legend+*{{clear:both}}
.choice{{display:flex;gap:14px;align-items:flex-start;padding:10px 0;min-height:44px;cursor:pointer}}
.choice.off{{cursor:default;padding-left:36px}}
.choice input{{flex:none;width:22px;height:22px;margin:2px 0 0;accent-color:var(--button)}}
.choice span{{display:block}}
.hint{{color:var(--quiet);font-size:.92rem}}
.notice{{border:1px solid var(--line);border-left:5px solid var(--button);border-radius:8px;padding:12px 14px;
margin:12px 0 16px}}
.notice p:last-child{{margin:0}}
.buttons{{display:flex;flex-wrap:wrap;gap:12px;border-top:1px solid var(--line);padding-top:20px}}
input.code{{font:inherit;font-size:1.3rem;letter-spacing:.15em;width:9em;max-width:100%;min-height:48px;
padding:8px 12px;border:2px solid var(--quiet);border-radius:10px;background:var(--card);color:var(--text)}}
button{{font:inherit;font-weight:600;color:var(--on-button);background:var(--button);border:2px solid var(--button);
border-radius:10px;padding:12px 24px;min-height:48px;cursor:pointer}}
button.second{{color:var(--text);background:transparent;border-color:var(--quiet)}}
:focus-visible{{outline:3px solid var(--text);outline-offset:3px}}
footer{{color:var(--quiet-outside);font-size:.88rem;padding:20px 4px 0}}
footer p{{margin:0 0 6px}}
@media (max-width:26rem){{main{{padding:20px 16px}}.buttons button{{width:100%}}}}
"""


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What a page shows of the shop. Without a name (no release, a link that is not ours) nothing of it."""

    name: str = ""
    brand: Brand = field(default_factory=Brand)
    languages: tuple[str, ...] = ("tr", "en")
    small_print: tuple[str, ...] = ()
    """Lines below the page: address, contact, MERSIS number."""


def page(shown: PageStyle, language: str, title: str, body: str, *, status: int = 200, switch: bool = True) -> Answer:
    """One page. ``body`` is HTML in which every value is escaped already; everything else is escaped here.

    ``switch``: whether the page can be read in another language at the same address with ``?lang=``.
    """
    style = _style(shown.brand)
    shop = escape(shown.name)
    if shown.brand.logo:
        shop = f'<img class="logo" src="{escape(shown.brand.logo)}" alt="{shop}">'
    others = [one for one in LANGUAGES if one != language] if switch else []
    links = "".join(f'<a href="?lang={one}" hreflang="{one}" lang="{one}">{LANGUAGES[one]}</a>' for one in others)
    head = f'<header><div class="shop">{shop}</div>{f"<nav>{links}</nav>" if links else ""}</header>'
    foot = "".join(f"<p>{escape(line)}</p>" for line in shown.small_print)
    html = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}{' · ' + escape(shown.name) if shown.name else ''}</title><style>{style}</style></head>"
        f"<body>{head}<main><h1>{escape(title)}</h1>{body}</main><footer>{foot}</footer></body></html>"
    )
    return {"statusCode": status, "headers": _headers(style, shown.brand), "body": html, "isBase64Encoded": False}


def _headers(style: str, brand: Brand) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    logo = urlsplit(brand.logo)
    pictures = f" img-src {logo.scheme}://{logo.netloc};" if brand.logo else ""
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
        "x-content-type-options": "nosniff",
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{digest}';{pictures} form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        ),
    }


@lru_cache(maxsize=8)
def _style(brand: Brand) -> str:
    card = WHITE if contrast(brand.text, WHITE) >= LEAST_CONTRAST else brand.background
    light = _colours(brand.colour, brand.background, card, brand.text)
    dark = _colours(brand.colour, _DARK["background"], _DARK["card"], _DARK["text"])
    return _STYLE.format(light=light, dark=dark, font=brand.font_stack)


def _colours(colour: str, background: str, card: str, text: str) -> str:
    """Every colour of one theme. The shop's colour is made lighter or darker where it could not be seen."""
    button = adjusted(colour, card, _UI_CONTRAST)
    chosen = {
        "background": background,
        "card": card,
        "text": text,
        "quiet": adjusted(mixed(text, card, 0.3), card, LEAST_CONTRAST),
        "quiet-outside": adjusted(mixed(text, background, 0.3), background, LEAST_CONTRAST),
        "line": mixed(text, card, 0.82),
        "button": button,
        "on-button": readable_on(button),
        "link": adjusted(colour, card, LEAST_CONTRAST),
        "link-outside": adjusted(colour, background, LEAST_CONTRAST),
    }
    return "".join(f"--{name}:{value};" for name, value in chosen.items())
