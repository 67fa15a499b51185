"""A folder in which mutmut works: the sources as links, and the project's settings with mutmut's beside them."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutation.subjects import Subject

SOURCES = ("shared", "functions", "simulation", "cli", "benchmarks")
BESIDE = ("definitions", "docs", "clients")
"""What tests read of the project beside its sources."""
KILLED = frozenset({1, 3, -24, 24, 36, 152, 255})
"""Exit codes of mutmut for killed mutants: a test failed, pytest itself did, or a test never came to an end."""
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
            "pytest_add_cli_args": ("-p", "no:cacheprovider", "-m", "not long"),
            "pytest_add_cli_args_test_selection": self._subject.tests,
        }
        lines = [f"{key} = {json.dumps(list(value))}" for key, value in lists.items()]
        lines += [
            "use_git_change_detection = false",
            "track_dependencies = false",
            "timeout_multiplier = 6.0",
            "timeout_constant = 20.0",
        ]
        return "\n[tool.mutmut]\n" + "\n".join(lines) + "\n"

    def run(self, *, most: int, seed: int, at_once: int) -> list[Result]:
        """Tries every mutant of each file, or ``most`` of them that are drawn with ``seed``."""
        if not (self.folder / "mutants" / "mutmut-stats.json").exists():
            self.prepare()
            said = self._mutmut("run", "--max-children", str(at_once), NOTHING)  # makes mutants, and finds their tests
            if not self._codes() or not (self.folder / "mutants" / "mutmut-stats.json").exists():
                raise MutationFailed(said[-3000:])
        drawn = {file: draw(sorted(codes), most, seed) for file, codes in self._codes().items()}
        left = [name for file, codes in self._codes().items() for name in drawn[file] if codes[name] not in KILLED]
        if left:
            said = self._mutmut("run", "--max-children", str(at_once), *left)
            if "mutations/second" not in said:
                raise MutationFailed(said[-3000:])
        found = self._codes()
        return [Result(file, len(found[file]), {name: found[file][name] for name in drawn[file]}) for file in found]

    def show(self, mutant: str) -> str:
        """What this mutant changes, as a diff."""
        lines = self._mutmut("show", mutant).splitlines()
        return "\n".join(line for line in lines if line.startswith(("-", "+", "@@")) and line[:3] not in {"---", "+++"})

    def _codes(self) -> dict[str, dict[str, int | None]]:
        """Exit codes of the mutants, by file."""
        mutants = self.folder / "mutants"
        metas = sorted(mutants.rglob("*.meta"))
        read = {str(one.relative_to(mutants).with_suffix("")): json.loads(one.read_text("utf-8")) for one in metas}
        return {file: meta["exit_code_by_key"] for file, meta in read.items() if meta["exit_code_by_key"]}

    def _mutmut(self, *arguments: str) -> str:
        """The same examples in every run (CI), so that a mutant that was killed once is killed again."""
        command = [str(self._root / ".venv" / "bin" / "mutmut"), *arguments]
        surroundings = {**os.environ, "CI": "1"}
        done = subprocess.run(command, cwd=self.folder, env=surroundings, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


def draw(names: list[str], most: int, seed: int) -> list[str]:
    """All of them, or ``most``, the same for the same seed."""
    return names if len(names) <= most else sorted(random.Random(seed).sample(names, most))
