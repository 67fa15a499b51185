"""Stock per location, products, reservations, pick-up in store and returns.

``api`` answers the operators' and the tills' paths, ``on_due`` ends what is over, ``on_audit`` compares levels with
their movements. Nobody imports this package.
"""
