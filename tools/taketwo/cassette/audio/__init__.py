"""
Audio in cassettes: files that can be played, and whether two recordings of a sound are the same to a
listener.
"""
