"""The paths of stock and of pick-ups."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get, post

STOCK_ROUTES = (
    get("stock", "stock.show", Right.STOCK),
    get("stock/sku", "stock.one", Right.STOCK),
    get("stock/movements", "stock.movements", Right.STOCK),
    post("prices", "held_prices.say", Right.SEND),
    post("prices/slips", "held_prices.say_slips", Right.SEND),
    get("pickups", "pickups.show", Right.HAND_OUT),
    post("pickups", "pickups.find", Right.HAND_OUT),
    post("pickups/hand-out", "pickups.hand_out", Right.HAND_OUT),
    post("pickups/ready", "pickups.make_ready", Right.HAND_OUT),
)
