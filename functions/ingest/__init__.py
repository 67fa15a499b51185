"""Takes what the world sends: events of every channel, clicks, refusals, reports of providers; shows carts to the shop.

Only benchmarks and tests import it.
"""
