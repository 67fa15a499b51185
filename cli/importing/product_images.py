"""Pictures of products, as a mail program would load them: there, a picture, and not too heavy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from cli.definitions.pictures import HEAVY
from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer

AT_ONCE = 8
SECONDS = 10.0
SHOWN_BY_MAIL = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


class Https(Protocol):
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> HttpsAnswer: ...


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """What is wrong with the picture of a product."""

    id: str
    url: str
    problem: str


def image_problems(products: Iterable[tuple[str, str]], https: Https) -> Iterator[ImageProblem]:
    """Given ids of products and addresses; each address is asked once, without its content."""
    named = list(products)
    addresses = sorted({url for _, url in named if url})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(addresses, pool.map(lambda url: _problem(url, https), addresses), strict=True))
    for id_, url in named:
        problem = found[url] if url else "there is no picture: messages show the name alone"
        if problem:
            yield ImageProblem(id_, url, problem)


def _problem(url: str, https: Https) -> str:
    """ "" if a mail program shows it."""
    try:
        answer = https.request("HEAD", url, {}, b"", seconds=SECONDS)
    except (NeverLeft, NoAnswer):
        return "the host does not answer, or is none of the public internet"
    if answer.status != 200:
        return f"the host answers {answer.status}: write the address where the picture is"
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in SHOWN_BY_MAIL:
        return "it is no JPEG, PNG, GIF or WebP, and most mail programs do not show it"
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:15]) > HEAVY:
        return f"it has {int(length[:15]) / 1_000_000:.1f} MB: make it smaller than 1 MB"
    return ""
