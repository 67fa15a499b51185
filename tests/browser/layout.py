"""Facts of a page's layout, read by the browser from computed styles."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_FACTS = """() => {
  const parsed = (css) => {
    const found = css.match(/[\\d.]+/g).map(Number);
    return {rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1};
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const {rgb, alpha} = parsed(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99) return rgb;
    }
    return [255, 255, 255];
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const said = node.textContent.replace(/[\\s\\u034f\\u2007]+/g, " ").trim();
    const box = (() => { const range = document.createRange(); range.selectNode(node);
      return range.getBoundingClientRect(); })();
    if (!said || box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(node.parentElement);
    texts.push({said, size: parseFloat(style.fontSize), right: box.right,
      contrast: contrast(parsed(style.color).rgb, behind(node.parentElement))});
  }
  const images = [...document.images].map((image) => ({
    loaded: image.complete && image.naturalWidth > 1, alt: image.getAttribute("alt"),
    width: image.getBoundingClientRect().width, right: image.getBoundingClientRect().right,
  }));
  const button = document.querySelector(".button a");
  return {
    texts, images, width: document.documentElement.scrollWidth,
    page: parsed(getComputedStyle(document.body).backgroundColor).rgb,
    button: button && {height: button.getBoundingClientRect().height, width: button.getBoundingClientRect().width},
  };
}"""


def facts(page: Page, html: str) -> dict[str, Any]:
    """``width`` that the content takes, ``texts`` with size and contrast, ``images`` and whether they are loaded, the
    ``button``, and the colour of the ``page``."""
    page.set_content(html, wait_until="load")
    found: dict[str, Any] = page.evaluate(_FACTS)
    return found
