"""The first deployment of a shop, from an empty account to the first mail, with the commands of docs/deploy.md."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.long]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "deploy.md"
OUTPUTS = ROOT / ".kervan" / "prod.outputs.json"
STEPS, ALONE = "## From an empty account to the first mail", "### Without an account"
WRITTEN_PORT = "4599"
START_SECONDS, MAIL_SECONDS, STEP_SECONDS = 120, 240, 1500
KEY = re.compile(r"^\w+ \((server|admin)\): (\S+)$", re.MULTILINE)


def blocks(heading: str) -> list[str]:
    """The shell blocks of a section of the page, up to its next heading, as they stand there."""
    section = PAGE.read_text("utf-8").split(heading + "\n")[1]
    section = re.split(r"^#{2,3} ", section, flags=re.MULTILINE)[0]
    return re.findall(r"^ *```sh\n(.*?)^ *```$", section, re.DOTALL | re.MULTILINE)


class Reader:
    """Somebody who works through the page in one shell, and copies what was printed to where the page says ``...``."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port, self._blocks = folder, str(port), 0
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KERVAN_", "PYTEST_"))
        }
        self.environment = {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        self.copied: dict[str, str] = {}

    def follow(self, block: str) -> str:
        """Run a block as it stands, and give what it printed; the first command that fails ends it, and the test."""
        filled = re.sub(r"\b([A-Z_]+)=\.\.\.", lambda found: f"{found[1]}={self.copied[found[1]]}", block)
        self._blocks += 1  # the emulator goes on to write to the output of the block that began it
        output, kept = (self._folder / f"{self._blocks}.{name}" for name in ("log", "environment"))
        script = f"{filled.replace(WRITTEN_PORT, self._port)}\nenv -0 > {kept}"
        with output.open("wb") as log:
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", script],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                timeout=STEP_SECONDS, check=False,
            )  # fmt: skip
        said = output.read_text("utf-8", "replace")
        assert done.returncode == 0, f"{block}\n{said[-3000:]}"
        pairs = kept.read_text("utf-8").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        for trust, key in KEY.findall(said):
            self.copied["KERVAN_WRITE_KEY" if trust == "server" else "KERVAN_ADMIN_KEY"] = key
        if found := re.search(r"^kervan-prod\.Endpoint = (\S+)$", said, re.MULTILINE):
            self.copied["KERVAN_ENDPOINT"] = found[1]
        return said


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """At an empty account. What ``make deploy`` wrote into this folder before is there again afterwards."""
    before = OUTPUTS.read_bytes() if OUTPUTS.exists() else None
    port = two_free_ports()
    made = Reader(tmp_path, port)
    [begin] = blocks(ALONE)
    made.follow(begin)
    try:
        about = until(lambda: answer(port, "/_kervan/about"), START_SECONDS)
        try:
            yield made
        finally:
            os.kill(about["pid"], signal.SIGTERM)
    finally:
        OUTPUTS.unlink(missing_ok=True)
        if before is not None:
            OUTPUTS.write_bytes(before)


def test_the_page_leads_from_an_empty_account_to_the_first_mail(reader: Reader) -> None:
    """Bootstrap, deployment, keys, definitions, doctor, an order: SES has one mail to its customer, kervan knows it as
    sent, and no function asked for a right that its role of production does not have."""
    port = int(reader.environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
    deploy, publish, order, look = blocks(STEPS)
    assert "kervan-prod.NextSteps" in reader.follow(deploy)
    found = doctor(reader)
    assert (found["stack"]["state"], found["versions"]["state"]) == ("right", "missing")
    assert found["versions"]["next_step"] == "kervan definitions apply definitions --stage prod"
    assert "Release 1 is published" in reader.follow(publish)
    assert {one["state"] for one in doctor(reader).values()} == {"right", "unknown"}
    assert '"success"' in reader.follow(order)
    mails = until(lambda: sent(port), MAIL_SECONDS)
    assert [mail["To"] for mail in mails] == [["ayse@shop.example"]]
    assert "S-1" in mails[0]["Subject"] + mails[0]["BodyText"]
    until(lambda: "sent" in reader.follow(look), MAIL_SECONDS)
    shown = json.loads(reader.follow("kervan customer messages user:first --json"))["items"]
    assert [(one["template"], one["state"]) for one in shown] == [("order-confirmed", "sent")]
    assert answer(port, "/_kervan/calls")["denied"] == []


def doctor(reader: Reader) -> dict[str, Any]:
    """Every line, by its check; whether it fails is not asked."""
    said = reader.follow("kervan doctor --stage prod --json || true")
    return {one["check"]: one for one in json.loads(said[said.index("{") : said.rindex("}") + 1])["items"]}


def sent(port: int) -> list[dict[str, Any]]:
    """What SES took, in all accounts of the emulator."""
    found = answer(port, "/_ministack/ses/messages")["messages"]
    return [mail for account in found.values() for mail in account]


def answer(port: int, path: str) -> Any:
    """The JSON that the emulator answers with, or None if it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as said:
            return json.load(said)
    except (OSError, urllib.error.URLError):
        return None


def until(ask: Callable[[], Any], seconds: float) -> Any:
    """The first answer that says something."""
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(1)
    return found


def two_free_ports() -> int:
    """A port that nobody listens at, and the next neither."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
