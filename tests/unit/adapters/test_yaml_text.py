"""What of YAML is taken, and with which line the rest is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from cli.definitions.folder import check_folder
from cli.definitions.templates import InvalidTemplate, read_templates
from shared.adapters.yaml_text import InvalidYaml, as_json_takes_it, document, documents

pytestmark = pytest.mark.unit

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
)


def test_what_definitions_write_is_taken() -> None:
    """Words, texts, numbers, times, lists, and several documents; times and names become text for JSON."""
    text = "a: [1, 2.5, yes, ~, ğ]\nb: {2026-11-23: 2026-11-23T10:00:00Z}\n---\n&x c: 2026-11-23\n"
    first, second = documents(text)
    assert first == {
        "a": [1, 2.5, True, None, "ğ"],
        "b": {date(2026, 11, 23): datetime(2026, 11, 23, 10, tzinfo=UTC)},
    }
    assert as_json_takes_it(first)["b"] == {"2026-11-23": "2026-11-23T10:00:00+00:00"}
    assert as_json_takes_it(second) == {"c": "2026-11-23"}
    assert document("") is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (BOMB, 4, "more than 10,000 values"),
        ("x: 1\ny: &y {z: *y}", 2, "&y refers to itself"),
        ("x: 1\ny: *nobody", 2, "undefined alias"),
        ("x: 1\ny: 2026-02-30", 2, "2026-02-30 is no value: day is out of range for month"),
        ("x: 1\n2026-11-24T25:00:00: 1", 2, "2026-11-24T25:00:00 is no value: hour must be in 0..23"),
        ("x: !!binary aGVsbG8=", 1, "binary"),
        ("x: !!set {a}", 1, "set"),
        ("x: 1234567890123456789012", 1, "too large"),
        ('x: 1\ny: "\\ud800"', 2, "half a character"),
        ("x: [1", 1, "it is no YAML"),
        ("[" * 1_500, 0, "nested too deeply"),
    ],
)
def test_the_rest_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    """Bombs, foreign types, values that cannot be, depth: at once, in one line with a remedy."""
    with pytest.raises(InvalidYaml, match=said) as refused:
        document(text)
    assert refused.value.line == line
    assert "\n" not in str(refused.value)
    assert refused.value.remedy


def test_aliases_are_written_out() -> None:
    """What a tool shares when it writes YAML, and what a marketer wrote once for two rules."""
    shared = ["completed", "cancelled"]
    text = yaml.safe_dump({"first": {"status": shared}, "second": {"status": shared}})
    assert "*id001" in text
    assert document(text) == {"first": {"status": shared}, "second": {"status": shared}}
    assert document("a: &a {x: 1}\nb: {<<: *a, y: 2}") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}}


def test_several_documents_are_no_one() -> None:
    with pytest.raises(InvalidYaml, match="several"):
        document("a: 1\n---\nb: 2\n")


def test_definitions_and_templates_are_read_the_same_way(tmp_path: Path) -> None:
    """A bomb in a segment or in a template is one problem with its file and line."""
    (tmp_path / "shop.yaml").write_text("name: Kervan\n")
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "x.yaml").write_text(BOMB)
    [problem] = [str(one) for one in check_folder(tmp_path).problems if "more than 10,000 values" in str(one)]
    assert problem.startswith("segments/x.yaml: line 4: ")
    folder = tmp_path / "templates" / "hello"
    folder.mkdir(parents=True)
    (folder / "template.yaml").write_text(BOMB)
    with pytest.raises(InvalidTemplate, match=r"template\.yaml: line 4: with \*a"):
        read_templates(tmp_path / "templates")
