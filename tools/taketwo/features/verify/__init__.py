"""
Recorded requests sent to a live service, and its answers compared with the recorded ones.
"""
