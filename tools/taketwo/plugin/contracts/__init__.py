"""
The cassettes that are replayed, checked against the locks of their services.
"""
