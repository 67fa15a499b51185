"""`kervan import` against an endpoint of its own: interruption, going on, busy moments, the second import."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.main import run

pytestmark = pytest.mark.flow


class Api:
    """Takes batches as the API does: an event is known by its id, one named ``bad`` is refused."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.batches = 0
        self.before: Callable[[int], tuple[int, dict[str, str]] | None] = lambda _batch: None
        self.lock = threading.Lock()

    def take(self, body: bytes, key: str) -> tuple[int, dict[str, str], Any]:
        with self.lock:
            self.batches += 1
            number = self.batches
        error = self.before(number)
        if error is not None:
            return *error, {"error": "busy", "message": "nothing is lost"}
        if key != "Basic a2V5Og==":
            return 401, {}, {"error": "unauthorized", "message": "the write key is unknown"}
        said = json.loads(body)
        assert set(said) == {"batch"}  # sentAt would move old times
        rejected = []
        for place, event in enumerate(said["batch"]):
            if event.get("event") == "bad":
                rejected.append({"index": place, "messageId": event["messageId"], "reason": "the event is bad"})
            else:
                with self.lock:
                    self.events.append(json.dumps(event, sort_keys=True).encode())
        return 200, {}, {"success": True, "accepted": len(said["batch"]) - len(rejected), "rejected": rejected}


@pytest.fixture
def api() -> Iterator[tuple[Api, str]]:
    taken = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, content = taken.take(body, self.headers.get("authorization", ""))
            data = json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield taken, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def rows(path: Path, count: int) -> Path:
    """Every seventh has an own id, every 500th is broken here, every 501st is refused there."""
    with path.open("w") as file:
        for number in range(count):
            row: dict[str, Any] = {
                "type": "track",
                "event": f"e{number}",
                "userId": "1",
                "timestamp": "2026-01-01T00:00:00Z",
            }
            if number % 7 == 0:
                row["messageId"] = f"m{number}"
            if number % 501 == 500:
                row["event"] = "bad"
            file.write("{broken\n" if number % 500 == 499 else json.dumps(row) + "\n")
    return path


def bring(url: str, *arguments: str) -> int:
    return run(["--endpoint", url, "import", "events", *arguments, "--write-key", "key", "--json"])


def command(url: str, path: Path, tmp_path: Path) -> subprocess.Popen[str]:
    arguments = [
        sys.executable,
        "-m",
        "cli.main",
        "import",
        "events",
        str(path),
        "--endpoint",
        url,
        "--write-key",
        "key",
    ]
    return subprocess.Popen(
        arguments, env={**os.environ, "KERVAN_HOME": str(tmp_path / "home")}, text=True, stdout=-1, stderr=-1
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_and_gone_on_with(api: tuple[Api, str], tmp_path: Path, how: signal.Signals) -> None:
    """Ended politely or killed, the same command goes on: every row is in, each rejection is told once."""
    taken, url = api
    path = rows(tmp_path / "f.ndjson", 5000)
    held = threading.Event()

    def hold(number: int) -> None:
        if number > 9:
            held.wait(30)

    taken.before = hold
    running = command(url, path, tmp_path)
    progress = tmp_path / "f.ndjson.kervan-progress"
    until(lambda: taken.batches > 9 and progress.exists() and json.loads(progress.read_bytes())["done"]["line"] > 1000)
    running.send_signal(how)
    if how is not signal.SIGKILL:
        held.set()
    _out, said = running.communicate(timeout=40)
    held.set()
    assert running.returncode == (130 if how is not signal.SIGKILL else -signal.SIGKILL)
    done = json.loads(progress.read_bytes())["done"]
    assert 1000 < done["line"] < 5000
    if how is not signal.SIGKILL:
        assert said.count("\n") == 1
        assert f"goes on from line {done['line']}" in said
    taken.before = lambda _number: None
    went_on = command(url, path, tmp_path)
    out, said = went_on.communicate(timeout=60)
    assert (went_on.returncode, said) == (0, "")
    assert f"Going on from line {done['line']:,}" in out
    assert "5,000 rows of" in out
    assert "19 rejected" in out
    assert not progress.exists()
    names = {json.loads(event)["event"] for event in taken.events}
    good = [number for number in range(5000) if number % 500 != 499 and number % 501 != 500]
    assert names == {f"e{number}" for number in good}
    told = [json.loads(line) for line in (tmp_path / "f.ndjson.rejected.ndjson").read_text().splitlines()]
    assert [row["line"] for row in told] == [n + 1 for n in range(5000) if n % 500 == 499 or n % 501 == 500]
    assert {row["reason"] for row in told} == {"the line is not valid JSON", "the event is bad"}
    assert json.loads(told[1]["row"])["event"] == "bad"


def test_the_second_import_sends_the_same_bytes(
    api: tuple[Api, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every event of the second import is, byte for byte, one of the first."""
    taken, url = api
    path = rows(tmp_path / "f.ndjson", 1200)
    assert bring(url, str(path)) == 0
    first, taken.events = sorted(taken.events), []
    assert bring(url, str(path)) == 0
    assert sorted(taken.events) == first
    assert len(set(first)) == 1196
    summary = json.loads(capsys.readouterr().out.split("\n}\n")[0] + "}")
    assert (summary["rows"], summary["accepted"], summary["rejected"]) == (1200, 1196, 4)


def test_busy_moments_are_waited_for(api: tuple[Api, str], tmp_path: Path) -> None:
    """429 and 503 with ``Retry-After`` cost time, no row."""
    taken, url = api
    taken.before = lambda number: (429 if number % 2 else 503, {"retry-after": "0"}) if number in {1, 2, 5} else None
    assert bring(url, str(rows(tmp_path / "f.ndjson", 400))) == 0
    assert len(set(taken.events)) == 400


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [("", 0, ""), ("{broken\n", 1, "no row of"), ('{"type":"page","userId":"1"}\n', 1, "no row of")],
)
def test_exit_status(
    api: tuple[Api, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, status: int, sentence: str
) -> None:
    """An empty file is done; a file of which no row is accepted is a failure, and its reasons are kept."""
    path = tmp_path / "f.ndjson"
    path.write_text(content)
    assert bring(api[1], str(path)) == status
    assert sentence in capsys.readouterr().err
    assert (tmp_path / "f.ndjson.rejected.ndjson").exists() == bool(content)


def test_a_wrong_key_ends_with_its_sentence(
    api: tuple[Api, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is begun with a key that is refused: one line, no progress file."""
    path = rows(tmp_path / "f.ndjson", 10)
    assert run(["import", "events", str(path), "--endpoint", api[1], "--write-key", "wrong"]) == 1
    assert capsys.readouterr().err == "kervan: the endpoint answered 401: the write key is unknown\n"
    assert [file.name for file in tmp_path.iterdir()] == ["f.ndjson"]


def test_restart_begins_anew(
    api: tuple[Api, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A changed file does not go on where the other one stopped, unless it is begun anew."""
    taken, url = api
    path = rows(tmp_path / "f.ndjson", 600)
    take = taken.take

    def only_the_first(body: bytes, key: str) -> tuple[int, dict[str, str], Any]:
        """Of the file, not of those that arrive: batches are sent at the same time."""
        return take(body, key) if b'"e0"' in body else (403, {}, {"error": "forbidden", "message": "no more"})

    with monkeypatch.context() as refusing:
        refusing.setattr(taken, "take", only_the_first)
        assert bring(url, str(path)) == 1
    with path.open("a") as file:
        file.write('{"type":"page","userId":"2","timestamp":"2026-01-01"}\n')
    assert bring(url, str(path)) == 2
    assert "another content" in capsys.readouterr().err
    assert bring(url, str(path), "--restart") == 0
    assert len(set(taken.events)) == 599


@pytest.mark.parametrize(
    "arguments",
    [["events"], ["events", "nowhere.csv"], ["events", "."], ["things", "f.csv"], ["events", "f.txt"],
     ["customers", "f.csv", "--at", "soon"], ["customers", "f.csv", "--at", "2999-01-01"],
     ["customers", "f.csv", "--time-zone", "Mars"], ["events", "f.csv", "--encoding", "utf-7"]],
)  # fmt: skip
def test_wrong_use(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot work is said before anything is sent: status 2, one line."""
    monkeypatch.chdir(tmp_path)
    for name in ("f.csv", "f.txt"):
        (tmp_path / name).write_text("user\n1\n")
    assert run(["import", *arguments, "--endpoint", "http://127.0.0.1:9", "--write-key", "k"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
