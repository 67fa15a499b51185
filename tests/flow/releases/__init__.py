"""What released versions stored: small shops in the middle of their work, kept under ``tests/data/releases``.

A scene plays one part of a shop on the functions of the code, and asks what they say of it. ``write`` keeps what is
stored then, what is on its way, and the answers, for the version of the code; ``tests/flow/test_upgrade.py`` asks the
same of the kept data with the code of today.
"""
