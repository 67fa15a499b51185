"""A preview as one HTML page: the e-mail on a phone and on a desktop, light and dark; the text message; lock screens.

The page fetches nothing but pictures over https, and runs no script, whatever the message holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from cli.preview.pictures import embedded

CLIPPED_AT = 102 * 1024
"""Bytes of HTML that Gmail shows."""
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_WIDTHS = ((360, "phone"), (800, "desktop"))
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; font-src 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #5b6470; --ground: #eef0f3; --card: #fff; --line: #d5d9df; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --quiet: #a6adb7; --ground: #15171a; --card: #1f2226; --line: #363b42; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 24px; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 10px; } p { margin: 0 0 8px; }
.quiet { color: var(--quiet); } .problem { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .problem { color: #ff8a80; } }
.row { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }
figure { margin: 0; max-width: 100%; } figcaption { color: var(--quiet); font-size: 13px; margin-bottom: 6px; }
iframe { border: 1px solid var(--line); border-radius: 10px; background: #fff; height: 760px; max-width: 100%; }
iframe.dark { background: #121212; }
.inbox { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px;
  max-width: 800px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; max-width: 800px;
  white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; margin: 0; }
.bubble { background: #dff0e4; color: #12261a; border-radius: 18px 18px 18px 4px; padding: 12px 16px; max-width: 340px;
  overflow-wrap: anywhere; }
.phone { width: 360px; max-width: 100%; border-radius: 34px; padding: 64px 14px 90px; color: #fff;
  background: linear-gradient(160deg, #2b3a55, #55415f 60%, #8a5a4a); }
.time { text-align: center; font-size: 54px; line-height: 1; font-weight: 300; margin-bottom: 34px; }
.note { border-radius: 22px; padding: 12px 14px; background: #f4f1ee; color: #1d1b19; display: flex; gap: 10px; }
.android .note { border-radius: 26px; background: #fdf8f4; }
.note .words { min-width: 0; flex: 1; } .note b { display: block; overflow-wrap: anywhere; }
.note .words span { overflow-wrap: anywhere; } .note { font-size: 14px; line-height: 1.35; }
.locked b { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.locked span { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden; -webkit-line-clamp: 1; }
.locked.ios span { -webkit-line-clamp: 4; }
.note img { width: 46px; height: 46px; object-fit: cover; border-radius: 8px; flex: none; }
.icon { width: 38px; height: 38px; border-radius: 9px; background: #a8431f; color: #fff; flex: none; display: grid;
  place-items: center; font-weight: 700; }
.android .icon { border-radius: 50%; }
.big img { width: 100%; height: 150px; object-fit: cover; border-radius: 12px; margin-top: 8px; display: block; }
"""


def preview_page(preview: Mapping[str, Any]) -> str:
    """The page of an answer of ``POST /v1/templates/{name}/preview``."""
    whom = f"customer {preview['customer']}" if preview["customer"] else f"the made-up customer “{preview['sample']}”"
    release = f"release {preview['release']}" if preview["release"] else "not published"
    parts = [
        f"<h1>{escape(preview['template'])}</h1>",
        f'<p class="quiet">{escape(preview["purpose"])} · {escape(whom)} · {escape(release)}</p>',
        *(_channel(channel) for channel in preview["channels"]),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(preview['template'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def framed(html: str, *, dark: bool) -> str:
    """The e-mail as a reader in light or in dark mode sees it, whatever the mode of this machine is."""
    return _DARK.sub("@media all" if dark else "@media not all", embedded(html))


def _channel(channel: Mapping[str, Any]) -> str:
    names = {"email": "E-mail", "sms": "Text message", "push": "Push"}
    head = f"<h2>{names[channel['channel']]}{' · ' + escape(channel['language']) if channel['language'] else ''}</h2>"
    if channel["missing"]:
        absent = escape(", ".join(channel["missing"]))
        head += f'<p class="problem">It would be skipped as content_missing: {absent} is empty for this customer.</p>'
    if channel["problem"]:
        return head + f'<p class="quiet">{escape(channel["problem"])}</p>'
    shown = {"email": _email, "sms": _sms, "push": _push}[channel["channel"]]
    return head + shown(channel[channel["channel"]])


def _email(email: Mapping[str, Any]) -> str:
    size = email["bytes"]
    weight = f"{size / 1024:.1f} KB of HTML" + (", more than Gmail shows" if size > CLIPPED_AT else "")
    frames = "".join(
        f"<figure><figcaption>{name}, {mode}</figcaption>"
        f'<iframe class="{mode}" sandbox width="{width}" title="{name}, {mode}" '
        f'srcdoc="{escape(framed(email["html"], dark=mode == "dark"))}"></iframe></figure>'
        for width, name in _WIDTHS
        for mode in ("light", "dark")
    )
    return (
        f'<div class="inbox"><b>{escape(email["subject"])}</b><br>'
        f'<span class="quiet">{escape(email["preheader"])}</span></div><p class="quiet">{weight}</p>'
        f'<div class="row">{frames}</div><h2>Plain text</h2><pre>{escape(email["text"])}</pre>'
    )


def _sms(sms: Mapping[str, Any]) -> str:
    parts = "1 part" if sms["parts"] == 1 else f"{sms['parts']} parts"
    told = f"{parts}, {sms['units']} characters in {sms['encoding']}"
    if sms["forces_ucs2"]:
        told += f" because of {sms['forces_ucs2']}"
    if sms["price"]:
        told += f", {sms['price']['text']}"
    return f'<div class="bubble">{escape(sms["text"])}</div><p class="quiet">{escape(told)}</p>'


def _push(push: Mapping[str, Any]) -> str:
    image = f'<img alt="" src="{escape(embedded(push["image"]))}">' if push["image"] else ""
    android, ios = push["shown"]["android"], push["shown"]["ios"]
    whole = {"title": push["title"], "body": push["body"]}
    phones = (
        ("Android, locked", "android locked", _note(android, image)),
        ("Android, expanded", "android", _note(whole, "", below=f'<div class="big">{image}</div>' if image else "")),
        ("iOS, locked", "ios locked", _note(ios, image)),
    )
    shown = "".join(
        f'<figure><figcaption>{name}</figcaption><div class="phone {system}"><div class="time">9:41</div>{note}</div>'
        "</figure>"
        for name, system, note in phones
    )
    cut = [name for name, one in (("Android", android), ("iOS", ios)) if one["shortened"]]
    told = f"Shortened on the lock screen of {' and '.join(cut)}." if cut else "Shown whole on both systems."
    return f'<div class="row">{shown}</div><p class="quiet">{told} Leads to {escape(push["url"])}</p>'


def _note(said: Mapping[str, Any], image: str, below: str = "") -> str:
    return (
        '<div class="note"><div class="icon">K</div><div class="words">'
        f"<b>{escape(said['title'])}</b><span>{escape(said['body'])}</span>{below}</div>{image}</div>"
    )
