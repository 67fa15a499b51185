"""``/v1/deadletters``: what could not be worked on, and doing it again."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.dead_letters import DeadLetter, DeadLetters, RedriveAnswer, RedriveRequest
from functions.admin.operation import operation
from functions.admin.parameters import LetterId, QueueName

router = new_router()
TAG = "dead letters"
SECONDS = 15.0
"""For one redrive; the function has 25 seconds, and a stream's records take some."""


@router.get("/v1/deadletters", **operation("deadLetters", "What could not be worked on", TAG, {200: DeadLetters}))
def list_dead_letters() -> Reply:
    from functions.admin import dead_letters

    return reply(dead_letters.dead_letters(call_of(router).environment, None))


@router.get(
    "/v1/deadletters/<queue>",
    **operation("deadLettersOf", "What could not be worked on of one queue", TAG, {200: DeadLetters}, 404),
)
def list_dead_letters_of(queue: QueueName) -> Reply:
    from functions.admin import dead_letters

    return reply(dead_letters.dead_letters(call_of(router).environment, queue))


@router.post(
    "/v1/deadletters/<queue>/redrive",
    **operation("redrive", "Do the work of letters again", TAG, {200: RedriveAnswer}, 400, 404, 413),
)
def redrive(queue: QueueName, wanted: RedriveRequest) -> Reply:
    import time

    from functions.admin import dead_letters

    until = time.monotonic() + SECONDS
    environment = call_of(router).environment
    return reply(dead_letters.redrive(environment, queue, wanted, lambda: time.monotonic() < until))


@router.get(
    "/v1/deadletters/<queue>/<letter>",
    **operation("deadLetter", "One letter", TAG, {200: DeadLetter}, 404),
)
def show_dead_letter(queue: QueueName, letter: LetterId) -> Reply:
    from functions.admin import dead_letters

    return reply(dead_letters.dead_letter(call_of(router).environment, queue, letter))
