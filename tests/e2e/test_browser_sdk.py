"""The unmodified @segment/analytics-next, in a real browser and from another origin, sends to the local endpoint."""

from __future__ import annotations

import shutil
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cli import paths
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
BUNDLE = paths.project() / "node_modules" / "@segment" / "analytics-next" / "dist"
PAGE = Path(__file__).parent / "sdk" / "browser.html"


class Shop(ThreadingHTTPServer):
    """Serves the page and the SDK's own files, and hears when the page is done."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.done = threading.Event()
        self.said = ""


class _Pages(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/done":
            self.server.said = urllib.parse.unquote(query)
            self.server.done.set()
        file = PAGE if path == "/" else BUNDLE / path.lstrip("/")
        found = file.is_file() and (file == PAGE or BUNDLE in file.resolve().parents)
        self.send_response(200 if found else 404)
        self.send_header("content-type", "text/html" if file == PAGE else "text/javascript")
        self.end_headers()
        self.wfile.write(file.read_bytes() if found else b"")

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@contextmanager
def browser(url: str, profile: Path) -> Iterator[None]:
    """Chromium without a window, at a page."""
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={profile}",
    ]
    process = subprocess.Popen(
        [str(CHROMIUM), *options, "--no-first-run", "--remote-debugging-port=0", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; CI installs it")
def test_segment_analytics_next_in_chromium(kervan: Kervan, name: str, tmp_path: Path) -> None:
    """What the browser SDK sent, before signing in and after, and a beacon are in the timeline."""
    shop = Shop()
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    asked = {"endpoint": kervan.endpoint, "key": kervan.write_keys["web"], "user": name}
    try:
        with browser(f"http://127.0.0.1:{shop.server_port}/?{urllib.parse.urlencode(asked)}", tmp_path):
            assert shop.done.wait(40), "the page did not come to its end"
            assert shop.said == "sent"
            kervan.wait_for(f"user:{name}", {"Page Left", "Product Viewed", "Identified"})
    finally:
        shop.shutdown()
        shop.server_close()
    events = {item["event"] for item in kervan.timeline(f"user:{name}")}
    assert {"Page Viewed", "Product Viewed", "Identified", "Page Left"} <= events
