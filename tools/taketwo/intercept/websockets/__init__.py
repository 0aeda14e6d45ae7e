"""
The clients of the library ``websockets``.
"""
