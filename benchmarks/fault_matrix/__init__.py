"""Every call of the functions beside the senders meets every fault; then what woke the function comes again.

The oracle is the run without a fault: what is stored and queued in the end must be the same.
"""
