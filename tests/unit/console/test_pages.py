"""What every page has: headers, texts in both languages, files that never change."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from functions.console import routes, static_files
from functions.console.page import CONTENT_POLICY
from functions.console.texts import TEXTS
from tests.unit.console.console_world import ConsoleWorld

pytestmark = pytest.mark.unit
HERE = Path(routes.__file__).parent
TEMPLATES = sorted((HERE / "templates").glob("*.html"))


def test_pages_of_people_stay_in_no_cache() -> None:
    """And nothing else runs in them or is loaded by them; over TLS the browser keeps to TLS."""
    page = ConsoleWorld().browser("admin").get("/console")
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["content-security-policy"] == CONTENT_POLICY
    assert "unsafe" not in CONTENT_POLICY
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" in page.headers
    local = ConsoleWorld("http://127.0.0.1:4580/console").browser("admin").get("/console")
    assert "strict-transport-security" not in local.headers


def test_pages_hold_no_script_and_no_style() -> None:
    """The policy would stop them; a template that has one is wrong."""
    inside = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\|\s*safe\b|javascript:")
    assert [template.name for template in TEMPLATES if inside.search(template.read_text())] == []


def test_every_text_is_there_in_both_languages() -> None:
    """Named values are the same in both, and no key that a template or module names is missing."""
    for key, (turkish, english) in TEXTS.items():
        assert turkish.strip(), key
        assert english.strip(), key
        fields = [set(re.findall(r"\{(\w+)\}", said)) for said in (turkish, english)]
        assert fields[0] == fields[1], key
    named = {key for one in TEMPLATES for key in re.findall(r"""\bt\(["']([^"'~]+)["'][,)]""", one.read_text())}
    assert named - TEXTS.keys() == set()


def test_the_person_chooses_language_and_colours() -> None:
    """Before that the browser's language decides, and English where it is neither."""
    browser = ConsoleWorld().browser("admin")
    assert 'lang="tr"' in browser.get("/console", accept_language="de-DE,tr;q=0.8").text
    assert 'lang="en"' in browser.get("/console", accept_language="fr").text
    answer = browser.post("/console/appearance", {"language": "tr", "theme": "dark", "back": "/console/changes"})
    assert answer.headers["location"] == "/console/changes"
    page = browser.get("/console", accept_language="en").text
    assert 'lang="tr"' in page
    assert 'data-bs-theme="dark"' in page
    browser.post("/console/appearance", {"language": "de", "theme": "<x>"})
    assert 'data-bs-theme="dark"' in browser.get("/console").text


def test_files_are_kept_for_ever_under_names_of_their_content() -> None:
    """Every file that a template names is there, for everybody and compressed; another name is none."""
    browser = ConsoleWorld().browser()
    named = {name for one in TEMPLATES for name in re.findall(r"static\('([^']+)'\)", one.read_text())}
    for name in named:
        answer = browser.get(static_files.static_address(name))
        assert answer.status == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert "set-cookie" not in answer.headers
    plain = browser.get(static_files.static_address("console.css"), accept_encoding="identity")
    assert plain.text == (HERE / "static" / "console.css").read_text()
    for path in ("console.css", "../api.py", "%2e%2e/api.py", "console.000000000000.css", "LICENSES.txt"):
        assert browser.get(f"/console/static/{path}").status == 404


def test_the_first_visit_transfers_little() -> None:
    """Under 200 KB with everything that it loads, and under 30 KB from then on."""
    browser = ConsoleWorld().browser("admin")
    page = browser.get("/console")
    loaded = set(re.findall(r"/console/static/[\w.-]+", page.text))
    files = sum(browser.get(path).transferred for path in loaded)
    assert page.transferred < 30_000
    assert page.transferred + files < 200_000


def test_vendored_files_are_those_of_their_packages() -> None:
    """Each is listed with package, version, licence and digest, and is what the list says."""
    folder = HERE / "vendored"
    listed = {row["file"]: row for row in json.loads((folder / "vendored.json").read_text())}
    found = {path.name.removesuffix(".gz"): path for path in folder.iterdir()}
    assert set(found) == {*listed, "vendored.json", "LICENSES.txt"}
    licences = (folder / "LICENSES.txt").read_text()
    for name, row in listed.items():
        raw = found[name].read_bytes()
        content = gzip.decompress(raw) if found[name].suffix == ".gz" else raw
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert f"{row['package']} {row['version']}" in licences


def test_icons_that_templates_name_are_there() -> None:
    """An icon that is missing would be an empty place."""
    sprite = (HERE / "vendored" / "icons.svg").read_text()
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {name for one in TEMPLATES for name in re.findall(r'icon\("([\w-]+)"', one.read_text())}
    assert named - there == set()


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("", "/console"), ("/campaigns", "/console/campaigns"), ("/new-campaign", "/console/campaigns"),
        ("/new-segment", "/console/segments"), ("/releases", "/console/publish"), ("/changes", "/console/changes"),
        ("/service", "/console/conversations"), ("/new-service/team", "/console/conversations"),
    ],
)  # fmt: skip
def test_the_menu_says_where_the_reader_is(path: str, entry: str) -> None:
    """One entry, also on pages whose address begins otherwise."""
    page = ConsoleWorld().browser("admin").get(f"/console{path}").text
    menu = page.partition('<nav class="menu"')[2].partition("</nav>")[0]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', menu) == [entry]
