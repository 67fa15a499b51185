"""Who cares about a product, and what is announced of it.

Facts say who cares; segment keeps an index of it, and ``functions/stock`` tells those people. It imports ``facts``,
``profile``, ``products`` and ``identity``.
"""
