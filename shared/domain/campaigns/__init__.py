"""Campaigns: one template to one segment, once; what a campaign may say and when its messages are due.

Any package may import it; of the domain, nothing else does.
"""
