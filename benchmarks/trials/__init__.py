"""``make faults``: the whole local stack under faults, on a stack of its own in a folder of its own.

Each trial sends events, brings due messages to an end, meets its fault meanwhile, and compares what is stored and what
was delivered with what was accepted.
"""
