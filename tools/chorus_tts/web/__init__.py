"""
HTTP and WebSocket: what comes in is read, what goes out is written, and nothing is decided.
"""
