"""Bodies of forms and webhooks that cannot be read are refused like those of events: 400 or 413, never 503."""

from __future__ import annotations

import gzip

import pytest

from shared.domain.consent.recipient_tokens import RecipientLink
from shared.domain.events.size_limits import BODY_BYTES
from tests.unit.ingest.world import WEB_KEY, World, basic, http_event

pytestmark = pytest.mark.unit
LINK = RecipientLink("u.home", "message", "email", "marketing", "e.address")
PATHS = ("/p/{token}", "/v1/subscribe", "/v1/hooks/sms/netgsm")


def answered(path: str, body: str | bytes, *, encoded: bool) -> int:
    world = World()
    token = world.environment.tokens.make_preferences(LINK)
    event = http_event("POST", path.format(token=token), body, basic(WEB_KEY))
    return int(world.answer(event | {"isBase64Encoded": encoded})["statusCode"])


@pytest.mark.parametrize("path", PATHS)
def test_broken_base64_is_400(path: str) -> None:
    """A body that says it is base64 and is not, is malformed."""
    assert answered(path, "{}", encoded=True) == 400


@pytest.mark.parametrize("path", PATHS)
def test_what_grows_beyond_the_limit_is_413(path: str) -> None:
    """A small body that is large when it is decompressed is too large."""
    assert answered(path, gzip.compress(b" " * (BODY_BYTES + 1)), encoded=True) == 413
