"""Meta's custom audiences and Google's Customer Match as they are on the wire, for the local stack and for tests.

Meta: ``POST`` and ``DELETE /v25.0/{audience}/users``. Google: jobs that take operations, run, and are asked for later.
``outage``: ``down`` answers 503 and does nothing, ``lost`` does the work and answers 502, ``failing`` lets jobs of
Google fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_META = re.compile(r"/v[0-9.]+/([0-9]+)/users")
_CREATE = re.compile(r"/v[0-9]+/(customers/[0-9]+)/offlineUserDataJobs:create")
_JOB = re.compile(r"/v[0-9]+/(customers/[0-9]+/offlineUserDataJobs/[0-9]+):(addOperations|run)")
_SEARCH = re.compile(r"/v[0-9]+/customers/[0-9]+/googleAds:search")
_DIGEST = re.compile(r"[0-9a-f]{64}")
MOST = 10_000
Answer = tuple[int, Any]


@dataclass(slots=True)
class AdsCapture:
    """``lists``: the digests of each list, with their columns. ``runs_for``: how long a job of Google takes."""

    now: Callable[[], datetime]
    file: Path | None = None
    runs_for: timedelta = timedelta()
    outage: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            self.lists, self.jobs, self.outage = kept["lists"], kept["jobs"], kept["outage"]

    def serves(self, path: str) -> bool:
        return path == "/token" or any(one.fullmatch(path) for one in (_META, _CREATE, _JOB, _SEARCH))

    def play(self, method: str, path: str, body: bytes, token: str) -> Answer:
        """One request to the local stack: of the platforms' own paths, or of who plays their part."""
        if self.serves(path):
            return self.answer(method, path, body, token)
        if (method, path) == ("GET", ""):
            self._work()
            return 200, {"lists": self.lists, "outage": self.outage, "requests": self.requests}
        if (method, path) == ("POST", "/outage"):
            try:
                self.outage = str(json.loads(body)["kind"])
            except (ValueError, KeyError, TypeError):
                return 400, {}
            self._keep()
            return 200, {"outage": self.outage}
        return 404, {}

    def answer(self, method: str, path: str, body: bytes, token: str) -> Answer:
        """Status and JSON of one request; ``token`` is what stands behind ``Bearer``."""
        self.requests += 1
        if self.outage == "down":
            return 503, {}
        try:
            found = self._answer(method, path, json.loads(body), token)
        except (ValueError, KeyError, TypeError, IndexError):
            return 400, {"error": {"code": 100, "message": "Invalid parameter"}}
        self._keep()
        return (502, {}) if self.outage == "lost" else found

    def members(self, number: str) -> set[str]:
        """What a list of either platform holds now."""
        self._work()
        return set(self.lists.get(number, ()))

    def _answer(self, method: str, path: str, said: Any, token: str) -> Answer:
        if path == "/token":
            return 200, {"access_token": "google-token", "expires_in": 3599, "token_type": "Bearer"}
        if not token:
            return 401, {"error": {"code": 190, "message": "Invalid OAuth access token"}}
        if (found := _META.fullmatch(path)) is not None and method in {"POST", "DELETE"}:
            return self._of_meta(found[1], said["payload"], added=method == "POST")
        if (found := _CREATE.fullmatch(path)) is not None:
            metadata = said["job"]["customerMatchUserListMetadata"]
            name = f"{found[1]}/offlineUserDataJobs/{len(self.jobs) + 1}"
            number = str(metadata["userList"]).rpartition("/")[2]
            self.jobs[name] = {"list": number, "operations": [], "status": "PENDING"}
            return 200, {"resourceName": name}
        if (found := _JOB.fullmatch(path)) is not None:
            return self._of_job(self.jobs[found[1]], found[2], said)
        if _SEARCH.fullmatch(path):
            self._work()
            name = str(said["query"]).rpartition("= '")[2].rstrip("'")
            return 200, {"results": [{"offlineUserDataJob": {"status": self.jobs[name]["status"]}}]}
        return 404, {}

    def _of_meta(self, number: str, payload: Any, *, added: bool) -> Answer:
        (column,), rows = payload["schema"], [row[0] for row in payload["data"]]
        if column not in {"EMAIL", "PHONE"} or len(rows) > MOST:
            raise ValueError(column)
        good = [row for row in rows if _DIGEST.fullmatch(row)]
        for row in good:
            self._change(number, f"{column} {row}", added=added)
        return 200, {"audience_id": number, "num_received": len(rows), "num_invalid_entries": len(rows) - len(good)}

    def _of_job(self, job: dict[str, Any], verb: str, said: Any) -> Answer:
        if verb == "run":
            job |= {"status": "RUNNING", "done_at": (self.now() + self.runs_for).timestamp()}
            if self.outage == "failing":
                job |= {"status": "FAILED"}
            return 200, {"name": "operations/1"}
        for one in said["operations"]:
            ((how, user),) = one.items()
            (identifier,) = user["userIdentifiers"]
            ((name, digest),) = identifier.items()
            if name not in {"hashedEmail", "hashedPhoneNumber"} or not _DIGEST.fullmatch(digest):
                raise ValueError(name)
            job["operations"].append([how == "create", "EMAIL" if name == "hashedEmail" else "PHONE", digest])
        return 200, {}

    def _work(self) -> None:
        for job in self.jobs.values():
            if job["status"] == "RUNNING" and job["done_at"] <= self.now().timestamp():
                for added, column, digest in job["operations"]:
                    self._change(job["list"], f"{column} {digest}", added=added)
                job["status"] = "SUCCESS"

    def _change(self, number: str, row: str, *, added: bool) -> None:
        held = self.lists.setdefault(number, [])
        if added and row not in held:
            held.append(row)
        elif not added and row in held:
            held.remove(row)

    def _keep(self) -> None:
        if self.file is not None:
            kept = {"lists": self.lists, "jobs": self.jobs, "outage": self.outage}
            self.file.write_text(json.dumps(kept), encoding="utf-8")
