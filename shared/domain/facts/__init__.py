"""Facts: what is remembered of the events of one identifier, how events are folded in, and how facts are joined.

Any package may import it; it decides about no segment, journey or message.
"""
