"""The functions' code as one directory: third-party packages for Lambda's arm64 Linux, and ours on top. No Docker.

Packages are installed from hashed requirements into `build/packages-<digest>` once per content; ours are copied every
time, which takes milliseconds. CDK uploads the result only when a byte of it has changed.
"""

import atexit
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.bytecode import compile_all
from infra.slimming import RULES_VERSION, slim

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
LAKE_REQUIREMENTS = ROOT / "requirements" / "measure.txt"
"""What functions that read the lake need beside: DuckDB weighs more than all other packages together."""
OURS = ("functions", "shared", "simulation")
PYTHON = "3.13"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


class BundleError(RuntimeError):
    """The packages could not be fetched; the message says why in one line."""


def function_code(*, bundled: bool, lake: bool = False, build: Path = ROOT / "build") -> Path:
    """Return the directory that Lambda runs from.

    Parameters
    ----------
    bundled
        With third-party packages. The local emulator runs functions with an interpreter that has them.
    lake
        With what functions need that read the lake.

    Raises
    ------
    BundleError
        When no registry answers, a hash differs, or the disk is full.
    """
    try:
        target = _empty(build / ("lake-bundle" if lake else "bundle")) if bundled else _own(build)
        if bundled:
            shutil.copytree(_packages(build, lake=lake), target, dirs_exist_ok=True)
        for name in OURS:
            shutil.copytree(ROOT / name, target / name, ignore=_LEFT_OUT)
        if bundled:
            compile_all(target)
    except OSError as error:
        raise BundleError(f"cannot write the functions' code to {build}: {error.strerror or error}") from error
    return target


def _empty(target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return target


def _own(build: Path) -> Path:
    """A folder of this process, removed when it ends, because several local stacks can be deployed at once. CDK copies
    it while it builds the template."""
    build.mkdir(parents=True, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix="code-", dir=build))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    return target


def _packages(build: Path, *, lake: bool) -> Path:
    """Third-party packages, slimmed; installed only when the requirements or the rules have changed."""
    files = (REQUIREMENTS, LAKE_REQUIREMENTS) if lake else (REQUIREMENTS,)
    read = b"".join(file.read_bytes() for file in files)
    digest = hashlib.sha256(read + RULES_VERSION.encode() + PYTHON.encode()).hexdigest()[:16]
    name = "lake-packages" if lake else "packages"
    packages = build / f"{name}-{digest}"
    if not packages.exists():
        unfinished = build / f"{name}-{digest}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _install(unfinished, files)
        slim(unfinished)
        for outdated in build.glob(f"{name}-*"):
            if outdated != unfinished:
                shutil.rmtree(outdated, ignore_errors=True)
        unfinished.rename(packages)
    return packages


def _install(target: Path, files: Sequence[Path]) -> None:
    print("kervan: fetching the functions' packages for arm64 Linux", file=sys.stderr)
    done = subprocess.run(_command(target, files), capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise BundleError(
            f"the functions' packages could not be installed: {' '.join(lines[-3:]) or 'no reason given'}"
        )


def _command(target: Path, files: Sequence[Path]) -> list[str]:
    """Uv where it is installed, else pip; with hashes, and wheels only: nothing may be compiled for this machine."""
    has_uv = importlib.util.find_spec("uv") is not None
    return _uv_command(target, files) if has_uv else _pip_command(target, files)


def _uv_command(target: Path, files: Sequence[Path]) -> list[str]:
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    return [*uv, "--python-platform", "aarch64-manylinux_2_28", "--python-version", PYTHON, *_what(target, files)]


def _pip_command(target: Path, files: Sequence[Path]) -> list[str]:
    platforms = [f"--platform=manylinux{tag}_aarch64" for tag in ("_2_28", "_2_17", "2014")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--implementation=cp"]
    return [*pip, *platforms, f"--python-version={PYTHON}", *_what(target, files)]


def _what(target: Path, files: Sequence[Path]) -> list[str]:
    listed = [part for file in files for part in ("-r", str(file))]
    return ["--only-binary", ":all:", "--require-hashes", *listed, "--target", str(target)]
