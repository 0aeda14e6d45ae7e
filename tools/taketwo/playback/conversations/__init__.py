"""
WebSocket conversations: replayed, recorded, and routed to the cassette of the running test.
"""
