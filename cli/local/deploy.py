"""Deploys the same CDK app to the local stack, as `cdk deploy` does to an account."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from cli import paths
from cli.failure import Failure, of_disk
from cli.local.emulator import ADS, GRAPH, IYS, PUSH

REGION = "eu-central-1"
ACCOUNT = "000000000000"
STACK = "kervan-local"
SENDER = "hello@kervan.example"
SMS_SENDER = "KERVAN"
DEPLOY_SECONDS = 600
LEAST_SPACE = 4_000_000
"""Bytes. With less free, a failed deployment failed for that: its log could not be written either."""
_INPUTS = ("infra", "functions", "shared", "simulation", "cdk.json", "package-lock.json", "requirements/infra.txt")


def deploy(base: str) -> bool:
    """Bootstraps and deploys if anything that goes into the stack changed; False if there was nothing to do.

    Raises
    ------
    Failure
        If CDK is not installed or the deployment fails; the log is `.kervan/deploy.log`.
    """
    wanted = fingerprint(base)
    remembered = paths.read(paths.STATE).get("deployed") or {}
    if remembered.get("fingerprint") == wanted:
        return False
    if not remembered:
        _cdk(base, ["bootstrap", f"aws://{ACCOUNT}/{REGION}"], folder=paths.home(), doing="cdk bootstrap")
    outputs = paths.path("outputs.json")
    outputs.unlink(missing_ok=True)
    context = {
        "stage": "local",
        "sender": SENDER,
        "sender_sms": SMS_SENDER,
        "clock_file": str(paths.path(paths.CLOCK)),
        "pinpoint_endpoint": base + PUSH,
        "graph_endpoint": base + GRAPH,
        "iys_endpoint": base + IYS,
        "ads_endpoint": base + ADS,
        "public_url": endpoint(),
    }
    _cdk(
        base,
        [
            *("deploy", STACK, "--method", "direct", "--require-approval", "never", "--progress", "events", "--ci"),
            *("--outputs-file", str(outputs), "--output", str(paths.path("cdk.out"))),
            *(part for name, value in context.items() for part in ("-c", f"{name}={value}")),
        ],
        folder=paths.project(),
        doing="cdk deploy",
    )
    try:
        found = json.loads(outputs.read_text())[STACK]
    except (OSError, ValueError, KeyError) as missing:
        raise Failure("cdk deploy gave no outputs: see .kervan/deploy.log") from missing
    paths.remember(deployed={"fingerprint": wanted, "outputs": found})
    return True


def outputs() -> dict[str, str]:
    """The outputs of the deployed stack.

    Raises
    ------
    Failure
        If nothing is deployed.
    """
    deployed = paths.read(paths.STATE).get("deployed")
    if not deployed:
        raise Failure("nothing is deployed to the local stack: start it with `make run`")
    return dict(deployed["outputs"])


def endpoint() -> str:
    """Where the HTTP API answers: at a port of its own, because many SDKs drop the path of an address.

    Raises
    ------
    Failure
        If the local stack was never started.
    """
    port = paths.read(paths.STATE).get("api_port")
    if not port:
        raise Failure("the local stack has no port for its API yet: start it with `make run`")
    return f"http://127.0.0.1:{port}"


def api_path() -> str | None:
    """The path under which the emulator itself serves the HTTP API; None if nothing is deployed yet."""
    deployed = paths.read(paths.STATE).get("deployed")
    if not deployed:
        return None
    found = deployed["outputs"]
    api = found.get("ApiId") or urllib.parse.urlsplit(found["Endpoint"]).netloc.split(".")[0]
    return f"/_aws/execute-api/{api}/$default"


def fingerprint(base: str) -> str:
    """A digest of everything that goes into the stack: code, infrastructure, address of this server."""
    digest = hashlib.sha256(f"{base} {endpoint()} {paths.home()}".encode())
    for file in _files(paths.project()):
        digest.update(str(file.relative_to(paths.project())).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(root: Path) -> Iterable[Path]:
    for name in _INPUTS:
        found = root / name
        if found.is_file():
            yield found
        elif found.is_dir():
            yield from sorted(
                path
                for path in found.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
            )


def environment(base: str) -> dict[str, str]:
    """The environment in which AWS is the local stack, and nothing of the caller's account is known."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return {
        **clean,
        "PATH": f"{paths.project() / '.venv' / 'bin'}{os.pathsep}{clean.get('PATH', '')}",
        "AWS_ENDPOINT_URL": base,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CI": "true",
        "CDK_VALIDATION": "false",  # half of a synthesis; `make synth` and real deployments validate
    }


@cache
def client(base: str, service: str) -> Any:
    """A boto3 client of the local stack. Made once: a move of the clock asks hundreds of times."""
    import boto3

    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=base,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
    )


def _cdk(base: str, arguments: list[str], *, folder: Path, doing: str) -> None:
    cdk = paths.project() / "node_modules" / ".bin" / "cdk"
    if not cdk.exists():
        raise Failure("the CDK command is not installed: run `make setup`")
    log = paths.path("deploy.log")
    try:
        with log.open("wb") as file:
            done = subprocess.run(
                [str(cdk), *arguments],
                cwd=folder,
                env=environment(base),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=DEPLOY_SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{doing} did not end within {DEPLOY_SECONDS} s: see {log}") from late
    except OSError as problem:
        raise of_disk(problem, doing) from problem
    if (
        done.returncode
        and min(shutil.disk_usage(folder).free for folder in (paths.home(), paths.project())) < LEAST_SPACE
    ):
        raise Failure(f"the disk is full during {doing}: free some space and run it again")
    if done.returncode:
        raise Failure(f"{doing} failed: {_reason(log)} (all of it in {log})")


_TELLING = ("kervan:", "\u274c", "ERROR", "ENOSPC", "Error:", "rror")
"""What the line that says why begins with or holds, the best first; the second is CDK's cross."""


def _reason(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        for sign in _TELLING:
            found = next((line for line in lines if sign in line), None)
            if found:
                return found.removeprefix("kervan:").strip()[:300]
        return lines[-1][:300] if lines else "no reason given"
    return "no reason given"
