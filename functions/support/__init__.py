"""Conversations of all channels in one pool: what comes in, what agents do, what became of their answers.

``api`` answers the agents' paths, ``on_queue`` takes what channels delivered and what became of answers, ``on_due``
does what time brings. Nobody imports this package.
"""
