"""The items of each table: their keys, their stored forms and their conditional writes.

Queries, functions and the command import it; a store itself knows ports and the domain only.
"""
