"""Pictures of products are looked at as a mail program would load them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cli.importing.product_images import image_problems
from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer

pytestmark = pytest.mark.unit


class Hosts:
    """Answers by address; what is not known is no host."""

    def __init__(self, answers: Mapping[str, HttpsAnswer | Exception]) -> None:
        self.answers, self.asked = answers, list[tuple[str, str]]()

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        self.asked.append((method, url))
        answer = self.answers.get(url, NeverLeft("address_not_permitted"))
        if isinstance(answer, Exception):
            raise answer
        return answer


def picture(size: object = 900_000, kind: str = "image/jpeg", status: int = 200) -> HttpsAnswer:
    return HttpsAnswer(status, {"content-type": kind, "content-length": str(size)}, b"")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (picture(), ""), (picture(1_000_000), ""), (picture("", "IMAGE/PNG; q=1"), ""), (picture("\u0661"), ""),
        (picture(1_000_001), "1.0 MB"), (picture(12_345_678), "12.3 MB"), (picture(kind="image/svg+xml"), "no JPEG"),
        (picture(kind="text/html"), "no JPEG"), (picture(status=404), "404"), (picture(status=301), "301"),
        (HttpsAnswer(200, {}, b""), "no JPEG"), (NoAnswer("timed_out"), "does not answer"),
        (NeverLeft("gaierror"), "does not answer"),
    ],
)  # fmt: skip
def test_what_a_mail_program_shows(answer: HttpsAnswer | Exception, says: str) -> None:
    """There, a picture that mail shows, at most 1 MB; a host that says no size is believed."""
    found = list(image_problems([("p", "https://x.example/p")], Hosts({"https://x.example/p": answer})))
    assert [one.problem for one in found] == ([found[0].problem] if says else [])
    assert not says or says in found[0].problem


def test_one_address_is_asked_once_and_nothing_is_loaded() -> None:
    """Variants share a picture; a product without one is told."""
    hosts = Hosts({"https://x.example/a": picture(2_000_000)})
    found = list(image_problems([("m", "https://x.example/a"), ("l", "https://x.example/a"), ("n", "")], hosts))
    assert [one.id for one in found] == ["m", "l", "n"]
    assert hosts.asked == [("HEAD", "https://x.example/a")]
