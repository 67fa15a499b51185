"""The services of a worker that few messages need: answers of agents, mails about the rights of a person, and counts of
campaigns.

Their modules are imported when the first such message comes, not at each cold start.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from functions.notify.dead_tokens import DeadTokens
from functions.notify.provider_gate import ProviderGate
from functions.notify.service import Notifying, TryAgain
from functions.notify.settings import Settings
from shared.adapters.aws_clients import dynamo_client, sqs_client
from shared.adapters.dynamo import DynamoTable
from shared.adapters.sqs import SqsQueue

if TYPE_CHECKING:
    from functions.notify.answering import Answering
    from functions.notify.rights_mails import RightsMails
    from shared.ports import Table
    from shared.stores.campaigns import Campaigns


def answering_off() -> Answering:
    """Where answers of agents are not sent: in the dry run."""
    raise TryAgain("answers are not sent here")


def rights_mails_off() -> RightsMails:
    """Where these mails are not sent: in the dry run."""
    raise TryAgain("mails about rights are not sent here")


def answering_of(settings: Settings, notifying: Notifying, provider: ProviderGate) -> Callable[[], Answering]:
    """Sends what agents answer; made with the first answer."""

    @cache
    def made() -> Answering:
        from functions.notify.answer_files import AnswerFiles
        from functions.notify.answering import Answering
        from shared.adapters.s3_links import s3_links
        from shared.adapters.s3_objects import s3_objects
        from shared.stores.conversations import Conversations

        contexts, objects, links = notifying.contexts, cache(s3_objects), cache(s3_links)
        return Answering(
            ledger=notifying.ledger,
            conversations=Conversations(DynamoTable(dynamo_client(), settings.conversations)),
            customers=contexts.customers,
            controls=contexts.controls,
            shop_name=lambda: contexts.releases.current().shop.name,
            keys=contexts.keys,
            sender=notifying.sender,
            provider=provider,
            told=SqsQueue(sqs_client(), settings.support),
            files=AnswerFiles(lambda: objects(settings.files), lambda: links(settings.files)),
            dead_tokens=DeadTokens(contexts.customers, notifying.follow_up),
        )

    return made


def rights_mails_of(
    settings: Settings, notifying: Notifying, provider: ProviderGate, secret: bytes
) -> Callable[[], RightsMails]:
    """Sends links and codes to who asks for his rights; made with the first one."""

    @cache
    def made() -> RightsMails:
        from functions.notify.rights_mails import RightsMails
        from shared.domain.privacy.self_service import RightsTokens

        contexts = notifying.contexts
        return RightsMails(
            ledger=notifying.ledger,
            customers=contexts.customers,
            controls=contexts.controls,
            shop_name=lambda: contexts.releases.current().shop.name,
            keys=contexts.keys,
            tokens=RightsTokens(secret),
            public_url=settings.public_url,
            sender=notifying.sender,
            provider=provider,
        )

    return made


def campaigns_of(catalog: Table) -> Callable[[], Campaigns]:
    """Counts what became of messages of campaigns; made with the first of them."""

    @cache
    def made() -> Campaigns:
        from shared.stores.campaigns import Campaigns

        return Campaigns(catalog)

    return made
