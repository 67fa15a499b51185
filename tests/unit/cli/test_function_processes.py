"""A function's process that was forked is as one that was started anew, and imports what functions share no more."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ministack.core import lambda_runtime

from cli.local import function_processes
from cli.local.function_code import sharing
from cli.local.function_processes import ForkedProcess, FunctionProcesses, forking

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not function_processes.POSSIBLE, reason="processes are forked on Linux only"),
]
SHARED = """
import os
from pathlib import Path
TRACE = Path({trace!r})
with TRACE.open("a") as file:
    file.write(f"{{os.getpid()}}\\n")
REMEMBERED = []
"""
HANDLER = """
import os, random, signal, sys
from shared import counted

def handler(event, context):
    print("said by the function")
    counted.REMEMBERED.append(event["order"])
    if event["order"] == "fail":
        raise ValueError("as it was asked")
    if event["order"] == "end":
        os._exit(3)
    return {
        "remembered": counted.REMEMBERED, "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "own": {key: value for key, value in os.environ.items() if key.startswith("OWN_")},
        "variables": sorted(os.environ), "folder": os.path.basename(os.getcwd()),
        "script": os.path.basename(sys.argv[0]), "main": sys.modules["__main__"].__name__,
        "path": [os.path.basename(one).rpartition("-")[0] for one in sys.path[:2]],
        "child": str(signal.getsignal(signal.SIGCHLD)), "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "streams": sorted(os.listdir("/proc/self/fd"))[:3], "function": context.function_name,
        "zone": __import__("time").tzname[0],
    }
"""
BROKEN = "import nothing_of_this_name\n"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "imported"


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionProcesses]:
    """The emulator's functions, with our processes."""
    made = FunctionProcesses()
    monkeypatch.setattr(lambda_runtime, "zipfile", sharing(tmp_path / "code"))
    monkeypatch.setattr(lambda_runtime, "subprocess", forking(made))
    try:
        yield made
    finally:
        made.close()


class Functions:
    """Workers of the emulator, ended with the test."""

    def __init__(self) -> None:
        self.made: list[lambda_runtime.Worker] = []

    def worker(self, code: bytes, name: str = "one", **variables: str) -> Any:
        config = {
            "FunctionName": name, "FunctionArn": f"arn:aws:lambda:eu-central-1:000000000000:function:{name}",
            "Runtime": "python3.13", "Handler": "functions.api.handler", "Timeout": 30,
            "Environment": {"Variables": variables},
        }  # fmt: skip
        self.made.append(lambda_runtime.Worker(name, config, code))
        return self.made[-1]


@pytest.fixture
def functions(processes: FunctionProcesses) -> Iterator[Functions]:
    made = Functions()
    try:
        yield made
    finally:
        lambda_runtime.kill_workers(made.made)


def code(trace: Path, **more: str) -> bytes:
    """An archive with a module that says when it is imported, and a function."""
    files = {
        "shared/__init__.py": "", "shared/counted.py": SHARED.format(trace=str(trace)), "functions/__init__.py": "",
        "functions/api.py": HANDLER, **{name.replace("__", "/") + ".py": text for name, text in more.items()},
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return packed.getvalue()


def called(worker: Any, order: str = "tell") -> Mapping[str, Any]:
    found: Mapping[str, Any] = worker.invoke({"order": order}, "request-1")
    return found


def told(worker: Any) -> Mapping[str, Any]:
    answer = called(worker)
    assert answer["status"] == "ok", answer
    result: Mapping[str, Any] = answer["result"]
    return result


def test_what_functions_share_is_imported_once(functions: Functions, trace: Path) -> None:
    """Nothing that one process remembers is known to another, and each has an environment of its own."""
    packed = code(trace)
    one = functions.worker(packed, "one", OWN_A="1", TZ="Asia/Tokyo")
    two = functions.worker(packed, "two", OWN_B="2")
    assert told(one)["remembered"] == ["tell"]
    assert told(one)["remembered"] == ["tell", "tell"]
    found = told(two)
    assert (found["remembered"], found["own"], found["name"]) == (["tell"], {"OWN_B": "2"}, "two")
    assert (told(one)["own"], told(one)["zone"]) == ({"OWN_A": "1"}, "JST")
    assert len(trace.read_text().split()) == 1
    assert isinstance(one._proc, ForkedProcess)
    assert len({one._proc.pid, two._proc.pid, int(trace.read_text())}) == 3


def test_it_finds_what_a_process_finds_that_was_started_anew(
    functions: Functions, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables, folder, path, signals, streams, logs and answers, a failure's included."""
    packed = code(trace)
    forked = functions.worker(packed, OWN_A="1")
    seen = [told(forked), called(forked)["log"], called(forked, "fail")]
    monkeypatch.setattr(lambda_runtime, "subprocess", subprocess)
    anew = functions.worker(packed, OWN_A="1")
    wanted = [told(anew), called(anew)["log"], called(anew, "fail")]
    differing = {key: (value, wanted[0][key]) for key, value in seen[0].items() if wanted[0][key] != value}
    assert differing == {}
    assert seen[1] == wanted[1]
    assert seen[1] == "said by the function"
    assert (seen[2]["error"], seen[2]["log"]) == (wanted[2]["error"], wanted[2]["log"])
    assert seen[2]["trace"].splitlines()[-2:] == wanted[2]["trace"].splitlines()[-2:]
    assert len(trace.read_text().split()) == 2


def test_a_process_that_ends_is_noticed_and_followed_by_another(functions: Functions, trace: Path) -> None:
    """As after a crash in AWS: the next call has a new one, with nothing remembered."""
    worker = functions.worker(code(trace))
    told(worker)
    assert called(worker, "end")["status"] == "error"
    assert told(worker)["remembered"] == ["tell"]
    process = worker._proc
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    lambda_runtime.kill_workers([worker])
    assert (process.poll(), process.wait()) == (0, 0)
    process.terminate()  # to nobody: its number may be another's by now
    process.kill()


def test_what_ignores_a_request_to_end_is_killed(functions: Functions, trace: Path) -> None:
    """And collected: no process is left behind."""
    stubborn = "import signal, shared.counted\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    worker = functions.worker(code(trace, functions__api=stubborn + HANDLER))
    told(worker)
    process = worker._proc
    process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    process.kill()
    assert process.wait(5) == 0
    deadline = time.monotonic() + 5
    while Path(f"/proc/{process.pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{process.pid}").exists()


def test_a_module_that_cannot_be_imported_fails_who_needs_it(functions: Functions, trace: Path) -> None:
    """With the reason; the others run."""
    needs = functions.worker(code(trace, shared__broken=BROKEN, functions__api="import shared.broken\n" + HANDLER))
    with pytest.raises(RuntimeError, match="nothing_of_this_name"):
        called(needs)
    assert told(functions.worker(code(trace, shared__broken=BROKEN)))["remembered"] == ["tell"]


def test_changed_code_has_a_server_of_its_own(functions: Functions, processes: FunctionProcesses, trace: Path) -> None:
    """And the server of the code before ends; its processes go on until the emulator ends them."""
    old = functions.worker(code(trace))
    assert told(old)["remembered"] == ["tell"]
    before = processes._server
    assert before is not None
    new = functions.worker(code(trace, shared__counted=SHARED.format(trace=str(trace)) + "REMEMBERED.append('new')\n"))
    assert told(new)["remembered"] == ["new", "tell"]
    assert before._process.poll() == 0
    assert told(old)["remembered"] == ["tell", "tell"]


@pytest.mark.parametrize("fault", ["ended", "large", "layers"])
def test_what_cannot_be_forked_is_started_anew(
    functions: Functions, processes: FunctionProcesses, trace: Path, fault: str
) -> None:
    """A server that was killed, an environment that no message holds, a layer: the function runs as ever."""
    packed = code(trace)
    told(functions.worker(packed))
    assert processes._server is not None
    if fault == "ended":
        processes._server._process.kill()
        processes._server._process.wait()
    variables = {"large": {"OWN_A": "x" * 100_000, "OWN_B": "x" * 100_000}, "layers": {"_LAMBDA_LAYERS_DIRS": "none"}}
    anew = functions.worker(packed, **variables.get(fault, {}))
    assert told(anew)["remembered"] == ["tell"]
    assert isinstance(anew._proc, subprocess.Popen)
    assert isinstance(told(functions.worker(packed)), dict)


def test_nothing_but_functions_in_python_is_forked(processes: FunctionProcesses, tmp_path: Path) -> None:
    """Other programs of the emulator start as ever."""
    done = processes.popen(
        [sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE, env=dict(os.environ), cwd=tmp_path
    )
    assert done.communicate()[0] == b"1\n"
    assert processes._server is None
