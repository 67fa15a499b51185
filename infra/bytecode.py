"""Compiled modules in the bundle: Lambda keeps none of its own, so each cold start would compile everything."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON = "3.13"


def interpreter() -> str | None:
    """An interpreter of Lambda's version on this machine, or None; its bytecode is the same on every processor."""
    for name in (sys.executable, f"python{PYTHON}", "python3", *_managed()):
        found = shutil.which(name)
        if found and _version(found) == PYTHON:
            return found
    return None


def compile_all(directory: Path) -> bool:
    """Compiles every module below ``directory``; False if no interpreter of the right version is here.

    The compiled modules are never checked against their sources (PEP 552, unchecked-hash): the bundle is read-only, and
    times of files do not survive the upload. A module that does not compile stays as source.
    """
    python = interpreter()
    if python is None:
        print(
            f"kervan: no Python {PYTHON} here: functions will compile their modules at each cold start", file=sys.stderr
        )
        return False
    command = [python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    subprocess.run(
        [*command, "-s", str(directory), "-p", "/var/task", str(directory)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )
    return True


def sources_digest(directory: Path, *, compiled: bool) -> str:
    """The same for the same files, compiled or not: bytes of compiled modules may differ between two compilations."""
    digest = hashlib.sha256(b"compiled" if compiled else b"sources")
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _managed() -> list[str]:
    """Interpreters that pyenv keeps beside the chosen one, newest first."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [str(path) for path in sorted(root.glob(f"versions/{PYTHON}*/bin/python"), reverse=True)]


def _version(python: str) -> str:
    """``3.13``; empty if it does not run (a shim of pyenv without a version behind it)."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
