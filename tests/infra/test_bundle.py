"""The bundle: what Lambda gets. Needs the package registry, as deploying does."""

import re
from pathlib import Path

import pytest

from infra import bundle
from infra.bytecode import interpreter, sources_digest
from infra.slimming import BOTO_SERVICES

ROOT = Path(__file__).resolve().parents[2]
ELF_MACHINE = slice(18, 20)  # e_machine in the ELF header
AARCH64 = (183).to_bytes(2, "little")
LAMBDA_LIMIT = 250 * 1024 * 1024


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real bundle."""
    return bundle.function_code(bundled=True, build=tmp_path_factory.mktemp("build"))


@pytest.mark.contract
def test_every_binary_is_for_arm64_linux(bundled: Path) -> None:
    """All shared objects are ELF for aarch64, and the compiled packages are really there."""
    binaries = list(bundled.rglob("*.so*"))
    assert {"pydantic_core", "orjson"} <= {binary.relative_to(bundled).parts[0] for binary in binaries}
    for binary in binaries:
        with binary.open("rb") as opened:
            header = opened.read(20)
        assert header[:4] == b"\x7fELF", binary
        assert header[ELF_MACHINE] == AARCH64, binary


@pytest.mark.contract
def test_the_bundle_is_ours_and_lean(bundled: Path) -> None:
    """Our code is in; caches, tests and commands are not; the whole stays far below the limit of Lambda: a third.

    The cryptography of web push takes 13 MB of it.
    """
    assert (bundled / "functions" / "ingest").is_dir()
    assert (bundled / "shared" / "domain").is_dir()
    assert not [path for path in bundled.rglob("*") if path.name in ("bin", "infra", "cli")]
    assert sum(path.stat().st_size for path in bundled.rglob("*") if path.is_file()) < LAMBDA_LIMIT / 3


@pytest.mark.contract
def test_the_bundle_of_the_lake_fits_into_lambda(tmp_path: Path) -> None:
    """It has DuckDB for arm64, and leaves half of what Lambda takes unpacked."""
    found = bundle.function_code(bundled=True, lake=True, build=tmp_path)
    (engine,) = [path for path in found.rglob("*.so") if path.name.startswith("_duckdb")]
    assert engine.read_bytes()[ELF_MACHINE] == AARCH64
    assert (found / "functions" / "measure" / "on_hour.py").is_file()
    assert sum(path.stat().st_size for path in found.rglob("*") if path.is_file()) < LAMBDA_LIMIT / 2


@pytest.mark.contract
def test_the_same_code_gives_the_same_bundle(bundled: Path, tmp_path: Path) -> None:
    """Built again elsewhere, sources and digest are the same: nothing is uploaded without a change."""
    again = bundle.function_code(bundled=True, build=tmp_path)
    assert contents(again) == contents(bundled)
    assert sources_digest(again, compiled=True) == sources_digest(bundled, compiled=True)


@pytest.mark.contract
def test_modules_are_compiled_for_lambdas_python(bundled: Path) -> None:
    """Where Python 3.13 is at hand, each module comes compiled, so that a cold start compiles nothing."""
    if interpreter() is None:
        pytest.skip("no Python 3.13 on this machine: the bundle holds sources only, and says so")
    assert list((bundled / "functions" / "ingest" / "__pycache__").glob("api.cpython-313.pyc"))
    assert list((bundled / "botocore" / "__pycache__").glob("client.cpython-313.pyc"))


@pytest.mark.unit
def test_boto_knows_every_service_that_functions_call() -> None:
    """Descriptions of services that no function calls are left out, and none that one calls."""
    code = "\n".join(
        path.read_text() for top in ("functions", "shared", "simulation") for path in (ROOT / top).rglob("*.py")
    )
    called = set(re.findall(r"\b\w*(?:client|resource)\(\s*\"([a-z0-9-]+)\"", code))
    ours = set(re.findall(r"\bService\(\"([a-z0-9-]+)\"", code))  # botocore is asked for their addresses
    assert {"sesv2", "dynamodb"} <= called | ours <= BOTO_SERVICES


@pytest.mark.unit
def test_local_ships_our_code_alone(tmp_path: Path) -> None:
    """The emulator's interpreter has the packages, so its bundle is two folders."""
    code = bundle.function_code(bundled=False, build=tmp_path)
    assert sorted(path.name for path in code.iterdir()) == ["functions", "shared", "simulation"]


@pytest.mark.unit
def test_two_local_stacks_may_be_deployed_at_once(tmp_path: Path) -> None:
    """Each deployment copies the code into a folder of its own."""
    first, second = (bundle.function_code(bundled=False, build=tmp_path) for _ in range(2))
    assert first != second
    assert all((one / "functions").is_dir() for one in (first, second))


@pytest.mark.unit
def test_a_missing_registry_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When packages cannot be fetched, the error is one sentence and no half-made directory is taken for whole."""
    failing = tmp_path / "failing.sh"
    failing.write_text("#!/bin/sh\necho 'error: no route to host' >&2\nexit 2\n")
    failing.chmod(0o755)
    monkeypatch.setattr(bundle, "_command", lambda _target, _files: [str(failing)])
    with pytest.raises(bundle.BundleError, match="no route to host") as refused:
        bundle.function_code(bundled=True, build=tmp_path)
    assert "\n" not in str(refused.value)
    assert not [path for path in tmp_path.glob("packages-*") if not path.name.endswith(".unfinished")]


@pytest.mark.unit
def test_without_uv_pip_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where uv is missing, pip is asked for the same platform, with hashes and wheels only."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with_pip = bundle._command(Path("target"), [bundle.REQUIREMENTS])
    assert with_pip[1:4] == ["-m", "pip", "install"]
    assert "--platform=manylinux_2_28_aarch64" in with_pip
    assert {"--require-hashes", "--only-binary"} <= set(with_pip)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its path below the folder; compiled modules may differ between two compilations."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
