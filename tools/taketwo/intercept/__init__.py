"""
Interception: the clients that tests use, led to the active cassette. One module for each family of clients.

:mod:`taketwo.intercept.registry` lists every patch.
"""
