"""Reports: their period, their statistics, and how they look as CSV and HTML.

Functions that answer reports, the command and the console import it; it knows no table and no SQL.
"""
