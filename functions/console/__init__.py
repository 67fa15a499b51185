"""The console: pages for marketers and agents in a browser.

Nothing imports it but tests; it imports ``shared`` alone, and asks the same functions of ``shared/operators`` as the
admin API.
"""
