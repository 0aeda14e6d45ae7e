"""
``taketwo prune``: cassettes that no test uses.
"""
