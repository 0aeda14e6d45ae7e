"""
``taketwo age``: how long ago cassettes were recorded.
"""
