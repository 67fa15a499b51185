"""A folder in which mutmut makes mutants: the sources as links, and the project's settings with mutmut's beside them.

Our own session tries them (``one_session.py``).
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import random
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.mutation.subjects import Subject

SOURCES = ("shared", "functions", "simulation", "cli", "benchmarks")
BESIDE = ("definitions", "docs", "clients")
"""What tests read of the project beside its sources."""
KILLED = frozenset({1, 3, -signal.SIGALRM, -signal.SIGPROF, 255})
"""Exit codes of killed mutants: a test failed, pytest itself did, or a test never came to an end."""
SPARE = 5
"""Seconds of processor time that a test has beside six times its own."""
ONE_TEST = "tests/unit/benchmarks/test_mutation.py"
"""mutmut only makes the mutants, and wants to see one test run."""
NOTHING = "nothing.of.this.name"


class MutationFailed(Exception):
    """mutmut could not do its work; the text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Result:
    """``mutants``: all that mutmut made of one file. ``tried``: name and exit code of those that were tried."""

    file: str
    mutants: int
    tried: dict[str, int | None]

    @property
    def survivors(self) -> list[str]:
        return sorted(name for name, code in self.tried.items() if code not in KILLED)

    @property
    def killed(self) -> int:
        return len(self.tried) - len(self.survivors)


class Workshop:
    """Mutates one subject. The folder keeps what was killed: a second run tries the rest and what is new."""

    def __init__(self, root: Path, name: str, subject: Subject) -> None:
        self._root, self._subject = root, subject
        self.folder = root / "build" / "mutation" / name

    def prepare(self) -> None:
        """Makes the folder anew, without results."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name in (*SOURCES, *BESIDE, "tests"):
            (self.folder / name).symlink_to(self._root / name)
        settings = (self._root / "pyproject.toml").read_text(encoding="utf-8")
        (self.folder / "pyproject.toml").write_text(settings + self._settings(), encoding="utf-8")

    def _settings(self) -> str:
        lists = {
            "source_paths": SOURCES,
            "only_mutate": self._subject.files,
            "also_copy": BESIDE,
            "pytest_add_cli_args": ("-p", "no:cacheprovider"),
            "pytest_add_cli_args_test_selection": (ONE_TEST,),
        }
        lines = [f"{key} = {json.dumps(list(value))}" for key, value in lists.items()]
        lines += [
            "use_git_change_detection = false",
            "track_dependencies = false",
        ]
        return "\n[tool.mutmut]\n" + "\n".join(lines) + "\n"

    def run(self, *, most: int, seed: int, at_once: int) -> list[Result]:
        """Tries every mutant of each file, or ``most`` of them that are drawn with ``seed``."""
        if not self.folder.exists():
            self.prepare()
        self._make()
        drawn = {file: draw(sorted(codes), most, seed) for file, codes in self.codes().items()}
        left = [name for file, codes in self.codes().items() for name in drawn[file] if codes[name] not in KILLED]
        if left:
            self._try(left, at_once)
        found = self.codes()
        return [Result(file, len(found[file]), {name: found[file][name] for name in drawn[file]}) for file in found]

    def _make(self) -> None:
        """Makes the mutants of what is new, and copies the tests."""
        mutants = self.folder / "mutants"
        made = max((path.stat().st_mtime for path in mutants.rglob("*.meta")), default=0.0)
        sources = (path for name in SOURCES for path in (self._root / name).rglob("*.py"))
        if any(path.stat().st_mtime > made for path in sources):
            said = self._mutmut("run", "--max-children", "1", NOTHING)
            if not self.codes():
                raise MutationFailed(said[-3000:])
        shutil.copytree(self._root / "tests", mutants / "tests", dirs_exist_ok=True)

    def show(self, mutant: str) -> str:
        """What this mutant changes, as a diff."""
        module, _, name = mutant.rpartition(".")
        text = (self.folder / "mutants" / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        function = name.partition("__mutmut_")[0]
        bodies = {
            node.name: (ast.get_source_segment(text, node) or "").replace(node.name, function).splitlines()
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and node.name.partition("__mutmut_")[0] == function
        }
        lines = difflib.unified_diff(bodies[f"{function}__mutmut_orig"], bodies[name], n=0, lineterm="")
        return "\n".join(line for line in lines if line[:3] not in {"---", "+++"})

    def codes(self) -> dict[str, dict[str, int | None]]:
        """Exit codes of the mutants, by file; None where a mutant was not tried."""
        results, digests = self.folder / "results", self._digests()
        lines = results.read_text("utf-8").splitlines() if results.exists() else []
        codes = {(name, digest): code for name, digest, code, _ in map(json.loads, lines)}
        return {
            file: {name: codes.get((name, digests[name])) for name in meta["exit_code_by_key"]}
            for file, meta in self._metas().items()
        }

    def _metas(self) -> dict[str, dict[str, Any]]:
        """What mutmut keeps of each mutated file."""
        mutants = self.folder / "mutants"
        metas = {path: json.loads(path.read_text("utf-8")) for path in sorted(mutants.rglob("*.meta"))}
        return {
            str(path.relative_to(mutants).with_suffix("")): meta for path, meta in metas.items()
            if meta["exit_code_by_key"]
        }  # fmt: skip

    def _digests(self) -> dict[str, str]:
        """For each mutant the digest of its function: results hold until the function changes."""
        return {
            name: meta["hash_by_function_name"][name.rpartition(".")[2].rpartition("__mutmut_")[0]]
            for meta in self._metas().values()
            for name in meta["exit_code_by_key"]
        }

    def _try(self, mutants: list[str], at_once: int) -> None:
        """Runs the tests for each mutant, and keeps the exit codes."""
        digests = self._digests()
        plan = json.dumps({"mutants": [(name, digests[name]) for name in mutants], "at_once": at_once, "spare": SPARE})
        (self.folder / "plan.json").write_text(plan, encoding="utf-8")
        session = (
            "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "benchmarks.mutation.one_session", "--rootdir=.",
            "--tb=no", "-m", "not long", *self._subject.tests,
        )  # fmt: skip
        done = subprocess.run(
            [str(self._root / ".venv" / "bin" / "python"), *session],
            cwd=self.folder / "mutants",
            env={**os.environ, "CI": "1", "MUTANT_UNDER_TEST": "", "KERVAN_MUTANTS": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MutationFailed((done.stdout + done.stderr)[-3000:])

    def _mutmut(self, *arguments: str) -> str:
        """The same examples in every run (CI), so that a mutant that was killed once is killed again."""
        command = [str(self._root / ".venv" / "bin" / "mutmut"), *arguments]
        surroundings = {**os.environ, "CI": "1"}
        done = subprocess.run(command, cwd=self.folder, env=surroundings, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


def draw(names: list[str], most: int, seed: int) -> list[str]:
    """All of them, or ``most``, the same for the same seed."""
    return names if len(names) <= most else sorted(random.Random(seed).sample(names, most))
