"""What the stock does not allow, as answers."""

from __future__ import annotations

from typing import Any

from shared.http.answers import Answer, Problem, answer
from shared.stores.stock import KeyReused, ReservationEnded, UnknownReservation
from shared.stores.stock_changes import LineRefused

SENTENCES = {
    "out_of_stock": "there are not enough pieces that are free; nothing was changed",
    "below_reserved": "fewer pieces were counted than are reserved; end reservations first, nothing was changed",
    "not_reserved": "fewer pieces are reserved than that; nothing was changed",
    "too_many": "no level can be that large; nothing was changed",
}
ENDED = {
    "released": "the reservation was released; its pieces are free again",
    "expired": "the reservation has expired; its pieces are free again",
    "collected": "the pieces of the reservation were collected already",
    "open": "the reservation is open",
}


class StockProblem(Problem):
    """An error with what it is about: the line, its sku and its location."""

    def __init__(self, status: int, code: str, message: str, **about: Any) -> None:
        super().__init__(status, code, message)
        self.about = about

    def answer(self) -> Answer:
        """The error with its further fields."""
        return answer({"error": self.code, "message": self.message, **self.about}, self.status, self.headers)


def problem_of(refused: Exception) -> Problem:
    """The answer to what a store raises. Anything else is raised again."""
    match refused:
        case LineRefused():
            about = {"index": refused.index, "sku": refused.place.sku, "location": refused.place.location}
            return StockProblem(409, refused.reason, SENTENCES[refused.reason], **about)
        case KeyReused():
            return Problem(409, "key_reused", "this key came with another request; each request has a key of its own")
        case ReservationEnded():
            return StockProblem(409, "reservation_ended", ENDED[refused.state], state=refused.state)
        case UnknownReservation():
            return Problem(404, "not_found", "there is no such reservation; its id is the key that it was made with")
        case _:
            raise refused
