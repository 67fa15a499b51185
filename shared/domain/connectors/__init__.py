"""What a shop's platform reports, in our words: events, products and stock (docs/connectors.md).

May import ``events``, ``products``, ``stock``, ``senders``, ``definitions`` and ``identity``.
"""
