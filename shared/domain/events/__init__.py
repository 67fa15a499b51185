"""Events: how a message of an SDK is read, why it is refused, and what is warned about.

Any package may import it; it decides about no segment, journey or message.
"""
