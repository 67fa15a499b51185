"""Messages: the request for one, the ordered gates before it is sent, its states, outcome and reason.

Any package may import it.
"""
