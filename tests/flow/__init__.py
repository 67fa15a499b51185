"""Several functions together on moto, with a fake clock and a pump of streams and queues.

Nothing imports it but its own modules.
"""
