"""Connected shops on the command line: what a delivery becomes, and what a shop holds already.

May import ``cli.definitions`` and ``cli.importing``.
"""
