"""
Interception: the clients that tests use, led to the active cassette. One module for each family of clients.

:mod:`taketwo.intercept.registry` and :mod:`taketwo.intercept.session_patches` list every patch.
"""
