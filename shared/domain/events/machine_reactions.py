"""Which opens and clicks no person made: only signs that are solid; whatever is in doubt is a person's.

Sources: Apple's Mail Privacy Protection loads every picture through a proxy that calls itself ``Mozilla/5.0`` and no
more, which no browser does. Gmail's proxy (``GoogleImageProxy``) loads when a person opens, so it is a person's. Mail
gateways look at every link before or while they take the mail. Programs and link previews name themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

Suspicion = Literal["told", "too_fast", "privacy_proxy", "scanner"]
"""``told``: the sender of the report says so itself."""

TOO_FAST = timedelta(seconds=2)
"""Nobody opens or clicks a mail within this time of its delivery."""
PRIVACY_PROXY = "Mozilla/5.0"
_PROGRAMS = (
    r"barracuda|proofpoint|mimecast|messagelabs|ironport|fireeye|fortimail|trendmicro|safelinks|urlanalyzer"
    r"|existence discovery|bingpreview|facebookexternalhit|headlesschrome|phantomjs|urldefense"
    r"|bot\b|crawler|spider|scanner"
    r"|^whatsapp/|^curl/|^wget/|^python-|^go-http-client|^java/|^apache-httpclient|^libwww|^aiohttp"
)
"""Compiled by ``re`` with the first opened mail."""
_TOLD = ("machine", "machine_open", "machine_click", "sg_machine_open")


def by_user_agent(user_agent: Any) -> Suspicion | None:
    """What the reader calls itself, if that is no person's program. Without a name it is in doubt: a person's.

    >>> by_user_agent("Mozilla/5.0"), by_user_agent("Barracuda Sentinel (EE)")
    ('privacy_proxy', 'scanner')
    >>> by_user_agent("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)")
    """
    if not isinstance(user_agent, str):
        return None
    name = user_agent.strip()
    if name == PRIVACY_PROXY:
        return "privacy_proxy"
    return "scanner" if re.search(_PROGRAMS, name, re.IGNORECASE) else None


def told(properties: Mapping[str, Any]) -> Suspicion | None:
    """What the report itself says: our own mark, or the flags that other senders of mail set."""
    return "told" if any(properties.get(name) for name in _TOLD) else None


def too_fast(after_delivery: timedelta) -> bool:
    """True for what was done before the mail was there, or within TOO_FAST of it."""
    return after_delivery <= TOO_FAST
