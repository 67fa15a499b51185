"""Takes what the world sends: events of every channel, clicks, refusals, reports of providers; shows carts to the shop.

Only benchmarks, tests and the command's dry run import it.
"""
