"""Questions to DNS: the standard library asks for addresses only, and the checks need texts, names and mail hosts."""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

PORT = 53
TYPES = {"CNAME": 5, "MX": 15, "TXT": 16}
TIMEOUT_SECONDS = 3.0
ATTEMPTS = 2
_NO_SUCH_NAME = 3
_TRUNCATED = 0x0200
_MOST_JUMPS = 32


class DnsUnavailable(Exception):
    """DNS did not answer, or not in a way that can be read."""


class Dns:
    """Asks one name server."""

    def __init__(self, server: str | None = None, port: int = PORT) -> None:
        self._address = (server or system_server(), port)

    def ask(self, name: str, kind: str) -> tuple[str, ...]:
        """The records of a name, empty if there are none: texts, names in lower case without their last dot.

        Raises
        ------
        DnsUnavailable
            If there is no answer that can be read.
        """
        number = secrets.randbelow(65_536)
        try:
            question = _question(number, name, TYPES[kind])
        except UnicodeError as broken:
            raise DnsUnavailable("this is no name of DNS") from broken
        error: Exception = DnsUnavailable("no answer")
        for _ in range(ATTEMPTS):
            try:
                return _read(self._send(question), number, TYPES[kind])
            except (OSError, IndexError, struct.error, UnicodeError) as problem:
                error = problem
        raise DnsUnavailable(f"DNS does not answer for {name}: {type(error).__name__}") from error

    def _send(self, question: bytes) -> bytes:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(TIMEOUT_SECONDS)
            asking.sendto(question, self._address)
            answer = asking.recv(4_096)
        if len(answer) > 4 and struct.unpack(">H", answer[2:4])[0] & _TRUNCATED:
            return self._send_whole(question)
        return answer

    def _send_whole(self, question: bytes) -> bytes:
        """By TCP, where an answer may be long."""
        with socket.create_connection(self._address, TIMEOUT_SECONDS) as asking:
            asking.sendall(struct.pack(">H", len(question)) + question)
            length = struct.unpack(">H", _exactly(asking, 2))[0]
            return _exactly(asking, length)


def system_server() -> str:
    """The name server of this machine, a public one where none is named."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.split()[1] for line in lines if line.startswith("nameserver") and len(line.split()) > 1]
    return named[0] if named else "1.1.1.1"


def _exactly(asking: socket.socket, length: int) -> bytes:
    parts = b""
    while len(parts) < length:
        part = asking.recv(length - len(parts))
        if not part:
            raise OSError("the answer ends too soon")
        parts += part
    return parts


def _question(number: int, name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(part)]) + part for part in name.encode("idna").split(b".") if part)
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def _read(answer: bytes, number: int, kind: int) -> tuple[str, ...]:
    told, flags, questions, answers = struct.unpack(">HHHH", answer[:8])
    if told != number:
        raise OSError("an answer to another question")
    code = flags & 0xF
    if code == _NO_SUCH_NAME:
        return ()
    if code:
        raise OSError(f"the name server answers {code}")
    place = 12
    for _ in range(questions):
        place = _name(answer, place)[1] + 4
    found = []
    for _ in range(answers):
        place = _name(answer, place)[1]
        kind_found, _class, _ttl, length = struct.unpack(">HHIH", answer[place : place + 10])
        place += 10
        if kind_found == kind:
            found.append(_record(answer, place, length, kind))
        place += length
    return tuple(found)


def _record(answer: bytes, place: int, length: int, kind: int) -> str:
    if kind == TYPES["TXT"]:
        text, end = b"", place + length
        while place < end:
            size = answer[place]
            text += answer[place + 1 : place + 1 + size]
            place += 1 + size
        return text.decode("utf-8", "replace")
    return _name(answer, place + (2 if kind == TYPES["MX"] else 0))[0]


def _name(answer: bytes, place: int) -> tuple[str, int]:
    """A name, and where what follows it begins. Names may point to what was said before."""
    labels: list[str] = []
    after = 0
    for _ in range(_MOST_JUMPS * 8):
        size = answer[place]
        if size >= 0xC0:
            after = after or place + 2
            place = struct.unpack(">H", answer[place : place + 2])[0] & 0x3FFF
        elif size == 0:
            return ".".join(labels).lower(), after or place + 1
        else:
            labels.append(answer[place + 1 : place + 1 + size].decode("ascii", "replace"))
            place += 1 + size
    raise OSError("a name without an end")
