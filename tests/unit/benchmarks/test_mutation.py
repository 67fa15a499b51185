"""What ``make mutate`` mutates exists, and its counts leave nothing out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutation.subjects import SUBJECTS, Subject
from benchmarks.mutation.workshop import Result, Workshop, draw

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[3]
MUTATED = """
from mutmut.mutation.trampoline import wrap_in_trampoline

def grow(one): return one + 1
def shrink(one): return one - 1
def forever(one):
    while True: pass

mutants = {"_mutmut_orig": grow, "x_grow__mutmut_1": shrink, "x_grow__mutmut_2": forever, "x_grow__mutmut_3": grow}
grow.__name__ = "x_grow__mutmut_orig"
grow = wrap_in_trampoline(mutants)(grow)
"""
TESTS = """
from mutated import grow

def test_it_grows(): assert grow(1) == 2
def test_it_is_a_number(): assert isinstance(grow(1), int)
"""


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
    found = Result(
        "a.py", 9, {"failed": 1, "endless": -signal.SIGPROF, "passed": 0, "no tests": 33, "not tried": None, "odd": 35}
    )
    assert found.killed == 2
    assert found.survivors == ["no tests", "not tried", "odd", "passed"]


def test_the_same_mutants_are_drawn_again() -> None:
    """A survivor that was answered by a test is tried again by the next run."""
    names = [f"mutant{number}" for number in range(50)]
    assert draw(names, 10, 19) == draw(names, 10, 19) != draw(names, 10, 20)
    assert len(set(draw(names, 10, 19))) == 10
    assert draw(names, 50, 19) == names


def test_a_session_tries_each_mutant_by_itself(tmp_path: Path) -> None:
    """One that a test notices, one that never ends, one that changes nothing, one that no test calls; then one more
    that is noticed: none of them is left over in the next."""
    (tmp_path / "mutated.py").write_text(MUTATED)
    (tmp_path / "test_grow.py").write_text(TESTS)
    names = [*(f"mutated.x_grow__mutmut_{number}" for number in (1, 2, 3)), "mutated.x_other__mutmut_1"]
    plan = {"mutants": [(name, "d") for name in (*names, names[0])], "at_once": 1, "spare": 1}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "benchmarks.mutation.one_session", "--rootdir=.")
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        [sys.executable, *command, "test_grow.py"],
        cwd=tmp_path,
        env={**os.environ, "KERVAN_MUTANTS": str(tmp_path), "MUTANT_UNDER_TEST": "", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "results").read_text().splitlines()]
    assert [line[0] for line in lines] == [*names, names[0]]
    assert [line[2] for line in lines] == [1, -signal.SIGPROF, 0, 33, 1]


def test_a_result_holds_until_the_function_changes(tmp_path: Path) -> None:
    """And of several the last one: a survivor is tried again with the tests of today."""
    workshop = Workshop(tmp_path, "module", Subject(("a.py",), ()))
    mutants = workshop.folder / "mutants"
    mutants.mkdir(parents=True)
    names = [f"a.x_{function}__mutmut_1" for function in ("kept", "changed", "new")]
    meta = {
        "exit_code_by_key": dict.fromkeys(names),
        "hash_by_function_name": {"x_kept": "1", "x_changed": "2", "x_new": "3"},
    }
    (mutants / "a.py.meta").write_text(json.dumps(meta))
    told = [[names[0], "1", 0, 0.1], [names[1], "1", 1, 0.1], [names[0], "1", 1, 0.1]]
    (workshop.folder / "results").write_text("".join(json.dumps(line) + "\n" for line in told))
    assert workshop.codes() == {"a.py": {names[0]: 1, names[1]: None, names[2]: None}}
