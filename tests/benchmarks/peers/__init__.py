"""
Those that are compared, each behind a module of its own.
"""
