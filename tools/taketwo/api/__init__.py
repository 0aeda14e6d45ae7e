"""
Cassettes that are opened by hand: in scripts, notebooks and unittest. ``import taketwo`` has the names.
"""
