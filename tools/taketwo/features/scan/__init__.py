"""
``taketwo scan``: secrets in files that exist already.
"""
