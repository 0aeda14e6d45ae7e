"""
Cassettes: their model, their text and its cache, what is kept out of them, and how they are replayed.

A name is imported from the module that defines it.
"""
