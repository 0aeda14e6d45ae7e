"""
``taketwo refresh --learn``: rules for placeholders, inferred from two recordings of the same tests.
"""
