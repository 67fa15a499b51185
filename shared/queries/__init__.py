"""What several functions read and no single item holds, such as all identifiers of a customer.

Functions and the command import it; a query itself knows stores, ports and the domain.
"""
