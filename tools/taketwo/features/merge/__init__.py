"""
``taketwo merge``: what several machines recorded of one suite, put together.
"""
