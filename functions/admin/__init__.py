"""The operators' API: with the admin key they read customers, segments, journeys and campaigns, and switch and send.

Nothing imports it but tests and the dry run of a deployment; it imports no other function.
"""
