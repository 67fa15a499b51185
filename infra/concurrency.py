"""How much runs at once in each stage, and what a large shop raises."""

from dataclasses import dataclass, field, replace

from infra.scale_settings import Scale


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """How much runs at once.

    Attributes
    ----------
    api_rate, api_burst
        Requests per second that the HTTP API admits, and the burst above it; beyond it answers 429.
    stream
        Batches of one stream shard worked on in parallel (1 to 10); the order of one item's changes is kept.
    notify
        Most invocations of each channel's sender at once (SQS's maximum concurrency, at least 2): the throttle that
        keeps a flood from the providers. It reserves nothing.
    work
        The same for the readers of the work queues: `segment` is the throttle of a backfill, `schedule` how wide a
        burst of due timers is worked on.
    reserved
        Function name to environments reserved for it, and so its upper limit. Empty by default: a new AWS account has
        ten environments in all and refuses any reservation.
    """

    api_rate: int
    api_burst: int
    stream: int
    notify: int
    work: dict[str, int]
    reserved: dict[str, int] = field(default_factory=dict)


_WORK = (
    "segment",
    "schedule",
    "privacy",
    "measure",
    "stock",
    "support",
    "mail",
    "hook",
    "due-hook",
    "simulation",
    "iys",
    "audiences",
    "feedback",
)
SMALL_WORK = dict.fromkeys(_WORK, 2)
PROD_RESERVATIONS = {"ingest-api": 200, "segment-on-due": 20, "schedule-on-due": 20, "measure-report": 5}
LOCAL = Concurrency(api_rate=2_000, api_burst=5_000, stream=2, notify=2, work=SMALL_WORK)
DEV = Concurrency(api_rate=100, api_burst=200, stream=1, notify=2, work=SMALL_WORK)
PROD = Concurrency(
    api_rate=2_000,
    api_burst=5_000,
    stream=4,
    notify=10,
    work=SMALL_WORK | {"segment": 4, "schedule": 20, "stock": 8, "support": 5, "iys": 4, "feedback": 10},
)


def raised_by(concurrency: Concurrency, scale: Scale) -> Concurrency:
    """What the settings of a large shop name, in the place of what the stage has."""
    rate, work = scale.api_rate, concurrency.work
    return replace(
        concurrency,
        api_rate=rate or concurrency.api_rate,
        api_burst=rate * 5 // 2 or concurrency.api_burst,
        stream=scale.stream_batches or concurrency.stream,
        notify=scale.senders_at_once or concurrency.notify,
        work={
            **work,
            "schedule": scale.timers_at_once or work["schedule"],
            "feedback": scale.senders_at_once or work["feedback"],  # two reports for each message that goes out
        },
    )
