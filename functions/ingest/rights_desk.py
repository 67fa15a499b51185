"""What only the page of a person's rights needs: its tokens, two queues, and links to copies."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from shared.domain.privacy.case import Case, CaseState
from shared.domain.privacy.copy_files import KEPT, LINK_LASTS, place_of
from shared.domain.privacy.self_service import RightsTokens
from shared.ports import Queue
from shared.ports.file_links import FileLinks


@dataclass(frozen=True, slots=True)
class RightsDesk:
    """``mails`` takes mails, ``erasures`` what the function of privacy is to do."""

    tokens: RightsTokens
    mails: Callable[[], Queue]
    erasures: Callable[[], Queue]
    links: Callable[[], FileLinks]

    def link_to(self, case: Case, now: datetime) -> str:
        """A link to the copy of a case for ten minutes; empty if it is not made yet, or not kept any more."""
        if case.state is not CaseState.DONE or now >= case.log[-1].at + KEPT:
            return ""
        seconds = int(LINK_LASTS.total_seconds())
        return self.links().link(
            place_of(case.id), name="my-data.zip", type="application/zip", shown=False, seconds=seconds
        )


@cache
def rights_desk() -> RightsDesk:
    """Made with the first visit to the page."""
    from shared.adapters.aws_clients import sqs_client
    from shared.adapters.s3_links import s3_links
    from shared.adapters.secret import read_secret
    from shared.adapters.sqs import SqsQueue

    environment = os.environ
    return RightsDesk(
        RightsTokens(read_secret(environment["KERVAN_SECRET"])),
        cache(lambda: SqsQueue(sqs_client(), environment["KERVAN_QUEUE_EMAIL"])),
        cache(lambda: SqsQueue(sqs_client(), environment["KERVAN_ERASURES"])),
        cache(lambda: s3_links(environment["KERVAN_FILES"])),
    )
