"""A page of the console in Chromium: every view it must be good in, and what axe-core and the browser complain of."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parents[1] / "support" / "vendored" / "axe.min.js.gz"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = (
    (1280, "light", "en-US"),
    (360, "dark", "tr-TR"),
    pytest.param((360, "light", "en-US"), marks=pytest.mark.long),
    pytest.param((1280, "dark", "tr-TR"), marks=pytest.mark.long),
)
"""Width, colours and language; the combinations of what the first two show are looked at by the long run."""
_FINDINGS = """rules => axe.run(document, {runOnly: rules}).then(found =>
  found.violations.map(one => one.id + ": " + one.nodes.map(node => node.target.join(" ")).join(", ")))"""

MOST_SHIFT = 0.05
"""Of the page's parts that may move while it is loaded, as browsers count it; from 0.1 on a person notices."""
_SHIFT = """() => new Promise(told => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value })
    .observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => told(sum)));
})"""


_CONTEXTS: dict[tuple[Browser, tuple[int, str, str]], BrowserContext] = {}
"""One for each view: a new one takes as long as two pages of the console."""


def opened(chromium: Browser, view: tuple[int, str, str]) -> tuple[Page, list[str]]:
    """A page of this view in a browser where nobody is signed in, and everything that the browser complains of. Pages
    that an earlier test left are closed; what its cache holds, and what a page keeps for its own address, stays."""
    context = _CONTEXTS.get((chromium, view)) or _CONTEXTS.setdefault((chromium, view), new_context(chromium, view))
    for left in context.pages:
        left.close()
    context.clear_cookies()
    return listened(context.new_page())


def new_context(chromium: Browser, view: tuple[int, str, str]) -> BrowserContext:
    width, mode, locale = view
    return chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if mode == "dark" else "light",
        locale=locale,
    )


def listened(page: Page) -> tuple[Page, list[str]]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


def findings(page: Page) -> list[str]:
    """What axe-core finds; run beside the page's own policy, which would refuse it."""
    page.context.new_cdp_session(page).send(
        "Runtime.evaluate", {"expression": gzip.decompress(AXE.read_bytes()).decode()}
    )
    found: list[str] = page.evaluate(_FINDINGS, RULES)
    return found


def jumps(page: Page) -> list[str]:
    """That parts of the page moved while it was loaded, if they did."""
    shift: float = page.evaluate(_SHIFT)
    return [f"parts moved by {shift:.3f}"] if shift > MOST_SHIFT else []
