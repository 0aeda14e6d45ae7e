"""
Cassettes as files: their names, reading them, and replacing them so that none is ever lost.
"""
