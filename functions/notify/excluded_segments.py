"""Whether a customer is in a segment that a campaign leaves out, in the moment of sending."""

from __future__ import annotations

from datetime import datetime

from shared.domain.definitions.release import Release
from shared.domain.messages.address import Keys
from shared.domain.messages.evidence import Item, item
from shared.domain.messages.request import SendRequest
from shared.domain.profile.profile import Profile
from shared.domain.segments.evaluate import evaluate


def excluded_by(request: SendRequest, release: Release, profile: Profile, keys: Keys, now: datetime) -> Item | None:
    """The first segment under ``except`` in which the customer is; reads nothing, and asks nothing without one.

    A membership that was decided counts, and so does the rule itself, as it was when the campaign was scheduled: a
    membership lags behind events by seconds, and a segment that is removed from the definitions has no members.
    """
    if not request.excluded:
        return None
    segments = {segment.segment: segment for segment in release.segments}
    for name in request.excluded:
        since = profile.segments.get(name)
        if since is not None:
            return item("segment", name, since)
        rule = segments.get(name)
        if rule is not None and evaluate(rule, profile, release.shop, now, segments=segments, address_keys=keys).value:
            return item("segment", name, now)
    return None
