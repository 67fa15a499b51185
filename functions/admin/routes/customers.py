"""``/v1/customers``: search, one customer, its timeline, messages and consents."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.document.conversation_models import CustomerConversations
from functions.admin.models.consents import Consents, LiftAnswer, LiftRequest
from functions.admin.models.customers import Customer, FoundCustomers
from functions.admin.models.timeline import Messages, Timeline
from functions.admin.operation import operation
from functions.admin.parameters import (
    ChannelText,
    CursorText,
    EventName,
    EventTypeText,
    From,
    Identifier,
    Kind,
    Limit,
    LineId,
    Question,
    To,
)

router = new_router()
TAG = "customers"


@router.get(
    "/v1/customers/<identifier>/timeline",
    **operation("timeline", "What happened and what was sent, newest first", TAG, {200: Timeline}, 400, 404),
)
def show_timeline(
    identifier: Identifier,
    limit: Limit = None,
    cursor: CursorText = None,
    kind: Kind = None,
    type_: EventTypeText = None,
    name: EventName = None,
    channel: ChannelText = None,
    id_: LineId = None,
    from_: From = None,
    to: To = None,
) -> Reply:
    from shared.operators import timeline

    call = call_of(router)
    filters = given(
        limit=limit, cursor=cursor, kind=kind, type_=type_, name=name, channel=channel, id_=id_, from_=from_, to=to
    )
    # A filter that does not exist is refused, so all that was asked is handed on.
    return reply(timeline.timeline(call.environment, identifier, {**call.request.query, **filters}))


@router.get(
    "/v1/customers/<identifier>/messages",
    **operation("messages", "What was sent and what not, with the reason", TAG, {200: Messages}, 400, 404),
)
def list_messages(identifier: Identifier, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import messages

    return reply(messages.messages(call_of(router).environment, identifier, given(limit=limit, cursor=cursor)))


@router.get(
    "/v1/customers/<identifier>/consents",
    **operation("consents", "What may be sent now and why, and every statement", TAG, {200: Consents}, 400, 404),
)
def list_consents(identifier: Identifier, limit: Limit = None, cursor: CursorText = None) -> Reply:
    from shared.operators import consents

    return reply(consents.consents(call_of(router).environment, identifier, given(limit=limit, cursor=cursor)))


@router.get(
    "/v1/customers/<identifier>/conversations",
    **operation("conversationsOf", "What was written and answered", TAG, {200: CustomerConversations}, 400, 404),
)
def list_conversations(identifier: Identifier, cursor: CursorText = None) -> Reply:
    from shared.operators import customer_conversations

    environment = call_of(router).environment
    return reply(customer_conversations.conversations(environment, identifier, given(cursor=cursor)))


@router.post(
    "/v1/customers/<identifier>/lift-suppression",
    **operation("liftSuppression", "Write to an address again that bounced", TAG, {200: LiftAnswer}, 400, 409, 413),
)
def lift_suppression(identifier: Identifier, asked: LiftRequest) -> Reply:
    from functions.admin import suppression

    call = call_of(router)
    return reply(suppression.lift(call.environment, identifier, asked, call.source))


@router.get("/v1/customers", **operation("findCustomers", "Find a customer", TAG, {200: FoundCustomers}, 400))
def find_customers(q: Question = None, cursor: CursorText = None) -> Reply:
    from shared.operators import search

    return reply(search.find_customers(call_of(router).environment, given(q=q, cursor=cursor)))


@router.get("/v1/customers/<identifier>", **operation("customer", "The whole customer", TAG, {200: Customer}, 400, 404))
def show_customer(identifier: Identifier) -> Reply:
    from shared.operators import customers

    return reply(customers.customer(call_of(router).environment, identifier))
