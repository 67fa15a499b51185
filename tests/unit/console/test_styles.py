"""The console ships the part of Tabler that its pages use, and nothing that they need is missing."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from tests.support.console_styles import LIST, PART, part_of, whole, words

pytestmark = pytest.mark.unit


def test_nothing_that_a_page_needs_is_missing() -> None:
    """If it is: .venv/bin/python -m tests.support.console_styles"""
    shipped = gzip.decompress(PART.read_bytes()).decode()
    assert part_of(shipped, words()) == part_of(whole(), words())
    assert len(shipped) < len(whole()) / 5


def test_the_part_is_of_the_version_that_is_listed() -> None:
    """Its list names the digest of the published file too."""
    row = next(row for row in json.loads(LIST.read_text()) if row["file"] == "tabler.min.css")
    assert row["part_of"] == hashlib.sha256(whole().encode()).hexdigest()
    assert f"Tabler v{row['version']} " in whole()[:100]


@pytest.mark.parametrize(
    ("sheet", "part"),
    [
        ("p{margin:0}.btn{color:red}.fab{color:red}", "p{margin:0}.btn{color:red}"),
        (".fab,.btn:hover>p{color:red}", ".btn:hover>p{color:red}"),
        (".btn.fab{color:red}.card .btn{color:red}", ".card .btn{color:red}"),
        ("@media print{.fab{a:b}}@media (min-width:1px){.fab{a:b}.btn{a:b}}", "@media (min-width:1px){.btn{a:b}}"),
        *(
            (whole, whole)
            for whole in (
                '.btn::after{content:".fab,{"}',
                ".btn:not(.fab){a:b}:is(.btn,.fab) p{a:b}",
                "/*! MIT */@keyframes fab{0%{a:b}}",
                "[data-theme=dark] .btn{a:1.5rem}",
            )
        ),
    ],
)
def test_a_rule_stays_if_an_element_may_need_it(sheet: str, part: str) -> None:
    """With the classes btn and card: of a list of selectors each one is asked."""
    assert part_of(sheet, {"btn", "card"}) == part
