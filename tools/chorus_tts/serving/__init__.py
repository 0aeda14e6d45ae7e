"""
The process: what it serves, and how it refuses.
"""
