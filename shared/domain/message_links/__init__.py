"""Links of messages: their tokens, what stands in a message instead of an address, and the events of opens and clicks.

Every function may import it.
"""
