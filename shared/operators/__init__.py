"""What operators ask and change: one function per question, behind the admin API as JSON and the console as pages.

Functions import it; it knows queries, stores, ports, the domain and the refusals of ``shared.http``.
"""
