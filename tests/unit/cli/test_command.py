"""The command line as a person meets it: exit statuses, one line on standard error, --json everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import paths
from cli.main import command_tree, run

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    for name in ("KERVAN_ENDPOINT", "KERVAN_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)


def commands(group: Any, path: tuple[str, ...] = ()) -> Any:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_every_command_has_json() -> None:
    """Programs can read the answer of every command."""
    found = dict(commands(command_tree()))
    without = [
        " ".join(path)
        for path, command in found.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert len(found) > 12
    assert without == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["nope"], ["customer", "show"], ["clock", "advance"], ["clock", "advance", "1h", "--until", "10:00"],
     ["clock", "advance", "3months"], ["clock", "show", "--nope"], ["keys", "add", "x", "--trust", "all"]],
)  # fmt: skip
def test_wrong_use_is_status_2_and_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is wrong with the call, it ends with 2 and one sentence on standard error."""
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("kervan: ")


@pytest.mark.parametrize(
    "arguments", [["status"], ["outbox"], ["clock", "show"], ["segments", "list"], ["keys", "list"]]
)
def test_without_a_stack_it_is_said_what_to_do(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing running, the sentence names `make run`; status 1."""
    assert run(arguments) == 1
    assert "make run" in capsys.readouterr().err


def test_a_deployment_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A refused connection is a sentence, no traceback."""
    assert run(["--endpoint", "http://127.0.0.1:9", "--admin-key", "k", "customer", "show", "user:1"]) == 1
    assert (
        capsys.readouterr().err
        == "kervan: http://127.0.0.1:9 does not answer: is it running? (`make run` starts the local stack)\n"
    )


def test_the_clock_of_a_deployment_cannot_be_moved(capsys: pytest.CaptureFixture[str]) -> None:
    """Clock and outbox say that they are local only instead of acting on the wrong stack."""
    assert run(["--endpoint", "https://api.example", "clock", "advance", "1h"]) == 2
    assert "local stack only" in capsys.readouterr().err


def test_what_is_unexpected_is_one_line_and_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake of ours ends with 1, one line, and the traceback in a file."""
    monkeypatch.setattr(paths, "read", lambda _name: 1 / 0)
    assert run(["status"]) == 1
    assert "unexpected ZeroDivisionError" in capsys.readouterr().err
    assert "Traceback" in paths.path("kervan.log").read_text()


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing to a full disk ends in a sentence that says so, and leaves what was there."""
    paths.write("state.json", {"port": 1})

    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Exception, match="the disk is full"):
        paths.write("state.json", {"port": 2})
    assert paths.read("state.json") == {"port": 1}
    assert [file.name for file in paths.home().iterdir()] == ["state.json"]
