"""What services need of the world, as protocols: one file per port. Stores, queries, adapters and functions import it.

The ports that every function uses are re-exported here. ``shared.ports.sender`` is imported by its own name, because it
needs addresses and contents of messages, and a function that sends nothing does not load these.
"""

from shared.ports.clock import Clock
from shared.ports.queue import DelayingQueue, PacedQueue, Queue
from shared.ports.table import MOST_IN_TRANSACTION, Conflict, Item, Page, RefusedByTable, Table, Throttled, Write

__all__ = [
    "MOST_IN_TRANSACTION",
    "Clock",
    "Conflict",
    "DelayingQueue",
    "Item",
    "PacedQueue",
    "Page",
    "Queue",
    "RefusedByTable",
    "Table",
    "Throttled",
    "Write",
]
