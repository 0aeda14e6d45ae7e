"""
Playing and recording the cassette of a test: what happens between a client's request and its answer.

Nothing here knows a client library; :mod:`taketwo.intercept` does.
"""
