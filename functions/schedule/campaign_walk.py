"""Walks over one shard of the members of a campaign's segments, page by page. Progress is saved after each page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from functions.schedule.campaign_sending import CampaignSending
from shared.domain.campaigns.campaign import Campaign, Walk
from shared.domain.campaigns.timer_names import home_of
from shared.domain.campaigns.timing import due
from shared.domain.definitions.shop import Shop
from shared.domain.time.local_time import zone_of
from shared.ports import Conflict
from shared.queries.customer_tree import UNREADABLE, load_tree
from shared.stores.campaign_items import Group, home_digest
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timers

PAGE = 100
AT_ONCE = 2_000
"""Customers in one go where they are handed over as the index has them: two hundred requests to the queue."""
AT_ONCE_READ = 300
"""Where each one's zone is looked up."""
WATCH = timedelta(minutes=5)
"""A walk that nobody touched for so long has lost its worker. Also how often one that ended looks whether all did."""


class ReleaseMissing(Exception):
    """The pinned release cannot be read as a whole yet: try again."""


class CampaignWalk:
    """``go`` says when to look again: None if the shard is finished."""

    def __init__(
        self,
        campaigns: Campaigns,
        customers: CustomerStore,
        releases: Releases,
        timers: Timers,
        sending: CampaignSending,
    ) -> None:
        self._campaigns = campaigns
        self._customers = customers
        self._releases = releases
        self._timers = timers
        self._sending = sending

    def go(self, campaign: Campaign, shard: int, revision: int, now: datetime) -> tuple[datetime, int] | None:
        """When to go on, and the revision to arm that with; a moment that is over means at once.

        The revision is the walk's version: a timer that is behind it is a second chain, or the only one after a crash.
        Only time tells them apart, so it waits until nobody has touched the walk for a while.
        """
        walk = self._campaigns.walk(campaign.name, shard)
        if walk.finished:
            return None
        if walk.version != revision and walk.touched is not None and now - walk.touched < WATCH:
            return now + WATCH, revision
        most = left = AT_ONCE_READ if campaign.definition.local_time else AT_ONCE
        given: set[bytes] | None = None
        handed = 0
        try:
            while left > 0:
                walk = self._begun(campaign, walk)
                if given is None and (walk.last or len(campaign.definition.included) > 1):
                    given = set(self._campaigns.given(campaign.name, walk))
                before = walk.handed
                if walk.last:
                    after = self._last_page(campaign, walk, now, handed=handed, given=given or set())
                    left -= PAGE * most // AT_ONCE
                else:
                    granted = self._granted(campaign, shard, min(PAGE, left), now)
                    after = self._page(campaign, walk, granted, now, handed=handed, given=given) if granted else None
                    left -= granted
                if after is None:
                    return self._sending.next_turn(campaign, shard, now), walk.version
                walk = after
                if walk.finished or self._cancelled(campaign):
                    return None
                if walk.cursor is None and walk.place == 0 and not walk.last:
                    return now + WATCH, walk.version
                handed += walk.handed - before
        except Conflict:
            return now + WATCH, revision  # another worker has it; if that one dies, this timer finds out
        return now, walk.version

    def _granted(self, campaign: Campaign, shard: int, wanted: int, now: datetime) -> int:
        """How many customers may be handed over now. If only time zones are looked up, any number: the limit applies
        when they are due."""
        return wanted if campaign.definition.local_time else self._sending.granted(campaign, shard, wanted, now)

    def _cancelled(self, campaign: Campaign) -> bool:
        latest = self._campaigns.get(campaign.name)
        return latest is None or latest.cancelled_at is not None

    def _all_ended(self, campaign: Campaign) -> bool:
        walks = self._campaigns.walks(campaign.name)
        return len(walks) == SHARDS and all(walk.ended for walk in walks.values())

    def _begun(self, campaign: Campaign, walk: Walk) -> Walk:
        """A look that begins after all shards have ended is the last one."""
        begins = walk.ended and walk.place == 0 and walk.cursor is None
        return replace(walk, last=True) if begins and not walk.last and self._all_ended(campaign) else walk

    def _page(
        self, campaign: Campaign, walk: Walk, limit: int, now: datetime, *, handed: int, given: set[bytes] | None
    ) -> Walk:
        """Hand over first, then save how far: a crash in between hands over the same once more. ``given``: whom other
        pages of a campaign to several segments handed over; it grows with the page.

        Membership in an earlier segment does not say that: whoever entered that one behind its last page was not there.

        A shard that ended looks on for who comes later, until all have ended: a member of a shard not walked yet who is
        joined to a customer of this one would be in neither.
        """
        segments = campaign.definition.included
        page = self._customers.members_page(
            segments[walk.place], walk.shard, limit=limit, cursor=walk.cursor, behind=walk.behind_of(walk.place)
        )
        found = [item["pk"] for item in page.items]
        permitted = self._not_excluded(campaign, found)
        homes = [home for home in permitted if home_digest(home) not in given] if given else permitted
        self._hand_over(campaign, walk, homes, now, handed)
        if given is not None:
            given.update(map(home_digest, homes))
        ended, upto = page.cursor is None, page.items[-1]["since"] if page.items else walk.upto
        following = (walk.place + 1) % len(segments) if ended else walk.place
        after = replace(
            walk,
            cursor=page.cursor,
            place=following,
            walked=walk.walked + len(found),
            excluded=walk.excluded + len(found) - len(permitted),
            repeated=walk.repeated + len(permitted) - len(homes),
            ended=walk.ended or (ended and walk.place == len(segments) - 1),
            upto=walk.behind_of(following) if ended and len(segments) > 1 else upto,
            behind=walk.looked(walk.place, upto) if ended else walk.behind,
            touched=now,
        )
        return self._campaigns.put_walk(campaign.name, after)

    def _last_page(
        self, campaign: Campaign, walk: Walk, now: datetime, *, handed: int, given: set[bytes]
    ) -> Walk | None:
        """The last look goes through all members from the first one: a membership begins when its rule became true, so
        who became a member meanwhile may stand before what was read. Hands over who was not given anything yet, and
        stays at the page until all of them were. None if nobody may be handed over in this minute.

        Those who are found again are not counted: they were, when their page was read first.
        """
        segments = campaign.definition.included
        page = self._customers.members_page(segments[walk.place], walk.shard, limit=PAGE, cursor=walk.cursor)
        missed = self._not_excluded(
            campaign, [item["pk"] for item in page.items if home_digest(item["pk"]) not in given]
        )
        granted = self._granted(campaign, walk.shard, len(missed), now) if missed else 0
        if missed and not granted:
            return None
        homes = missed[:granted]
        self._hand_over(campaign, walk, homes, now, handed)
        given.update(map(home_digest, homes))
        after = replace(walk, walked=walk.walked + len(homes), touched=now)
        if len(homes) == len(missed):
            ended = page.cursor is None
            through = ended and walk.place == len(segments) - 1
            place = (walk.place + 1) % len(segments) if ended else walk.place
            after = replace(after, cursor=page.cursor, place=place, last=not through, finished=through)
        return self._campaigns.put_walk(campaign.name, after)

    def _hand_over(self, campaign: Campaign, walk: Walk, homes: Sequence[str], now: datetime, handed: int) -> None:
        """Hands over, or puts off to their hour, and notes whom; ``handed``: how many went just before."""
        if campaign.definition.local_time:
            self._put_off(campaign, walk, homes, now)
        elif homes:
            self._sending.hand_over(campaign, homes, campaign.begins, after=handed)
        if homes:
            self._campaigns.put_given(campaign, walk, homes)

    def _not_excluded(self, campaign: Campaign, homes: Sequence[str]) -> list[str]:
        """Without the members of segments under ``except``. The gate of notify asks again; this saves what it costs to
        hand over and skip, and asks the segments of all customers of the page in one request."""
        excluded = self._customers.members_among(homes, campaign.definition.excluded)
        return [home for home in homes if home not in excluded]

    def _put_off(self, campaign: Campaign, walk: Walk, homes: Sequence[str], now: datetime) -> None:
        """Stores one item and one timer for all customers of the page who are due at the same instant."""
        release = self._releases.get(campaign.release)
        if release is None:
            raise ReleaseMissing
        by_due: dict[datetime, list[str]] = defaultdict(list)
        for home in homes:
            by_due[due(campaign.definition, campaign.begins, self._zone(home, release.shop, now))].append(home)
        groups = [Group(walk.shard, at, str(walk.version), tuple(found)) for at, found in by_due.items()]
        if groups:
            home = home_of(campaign.name, walk.shard)
            self._campaigns.put_groups(campaign.name, groups)
            self._timers.arm_many([Arming("journey", max(group.due, now), home, group.sort_key) for group in groups])

    def _zone(self, home: str, shop: Shop, now: datetime) -> ZoneInfo:
        """The time zone of a customer. One who cannot be read gets the shop's zone, so that he does not end the walk;
        notify meets his error later."""
        try:
            return zone_of(load_tree(self._customers, home).profile(), shop, now)
        except UNREADABLE:
            return ZoneInfo(shop.time_zone)
