"""What ``make mutate`` mutates exists, and its counts leave nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutation.subjects import SUBJECTS
from benchmarks.mutation.workshop import Result, draw

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_file_and_every_test_of_a_module_is_there(name: str) -> None:
    """A file that was renamed would be left out without a word."""
    subject = SUBJECTS[name]
    for named in (*subject.files, *subject.tests):
        path, _, test = named.partition("::")
        assert Path(path).exists(), named
        assert f"def {test}(" in Path(path).read_text() if test else True, named


def test_only_a_failing_test_or_an_endless_one_kills() -> None:
    """A mutant that no test calls, or that was not tried, counts as a survivor."""
    found = Result("a.py", 9, {"failed": 1, "endless": -24, "passed": 0, "no tests": 33, "not tried": None, "odd": 35})
    assert found.killed == 2
    assert found.survivors == ["no tests", "not tried", "odd", "passed"]


def test_the_same_mutants_are_drawn_again() -> None:
    """A survivor that was answered by a test is tried again by the next run."""
    names = [f"mutant{number}" for number in range(50)]
    assert draw(names, 10, 19) == draw(names, 10, 19) != draw(names, 10, 20)
    assert len(set(draw(names, 10, 19))) == 10
    assert draw(names, 50, 19) == names
