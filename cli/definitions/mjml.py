"""MJML becomes HTML when a release is published, never while sending. Liquid in it survives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

import mrml

_KNOWN = frozenset(
    {
        "mj-all", "mj-attributes", "mj-body", "mj-breakpoint", "mj-button", "mj-class", "mj-column", "mj-divider",
        "mj-font", "mj-head", "mj-image", "mj-preview", "mj-raw", "mj-section", "mj-spacer", "mj-style", "mj-table",
        "mj-text", "mj-title", "mj-wrapper",
    }
)  # fmt: skip
_INCLUDE = re.compile(r'<mj-include\s+path="([^"]*)"\s*/>')
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


class InvalidMjml(ValueError):
    """The MJML cannot become an e-mail of one column. The message says what to change."""


def compile_mjml(source: str, parts: Mapping[str, str] | None = None) -> str:
    """HTML of an MJML document; ``<mj-include path="NAME" />`` takes the part of that name.

    Raises
    ------
    InvalidMjml
        If it is not well-formed, uses an element that does not exist, or lays out more than one column.
    """
    whole = _INCLUDE.sub(lambda found: _part(found[1], parts or {}), source)
    _check(whole)
    try:
        compiled = mrml.to_html(whole, None, mrml.RenderOptions(fonts={}))
    except OSError as broken:
        raise InvalidMjml(f"not MJML: {broken}") from broken
    if compiled.warnings:
        raise InvalidMjml(f"not MJML: {compiled.warnings[0]}")
    return str(compiled.content)


def _part(name: str, parts: Mapping[str, str]) -> str:
    """Placed as text, because mrml's own includes lose the attributes that surround them."""
    if name not in parts:
        raise InvalidMjml(f"there is no part {name!r}; the parts are {', '.join(sorted(parts)) or 'none'}")
    return parts[name]


def _check(source: str) -> None:
    root = _parse(source)
    if root.tag != "mjml" or root.find("mj-body") is None:
        raise InvalidMjml("an e-mail is <mjml> with an <mj-body>")
    for element in root.iter():
        if element.tag.startswith("mj-") and element.tag not in _KNOWN:
            raise InvalidMjml(f"there is no element <{element.tag}> here; use {', '.join(sorted(_KNOWN))}")
        if element.tag == "mj-section" and len(element.findall("mj-column")) > 1:
            raise InvalidMjml("a section has several columns; an e-mail has one, so that it reads well on a phone")


def _parse(source: str) -> ET.Element:
    if "<!DOCTYPE" in source or "<!ENTITY" in source:
        raise InvalidMjml("an e-mail declares no document type and no entities")
    entity = _ENTITY.search(source)
    if entity:
        shown = source[entity.start() : entity.start() + 12].split(maxsplit=1)[0]
        raise InvalidMjml(f"write &amp; or the character itself instead of {shown!r}")
    try:
        return ET.fromstring(source)  # noqa: S314  our own definitions, no entities (checked above)
    except ET.ParseError as broken:
        raise InvalidMjml(f"not well-formed: {broken}; in Liquid tags write no < (use other comparisons)") from broken
