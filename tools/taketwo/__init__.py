"""
A toolkit that records HTTP against real services, replays it, and tells when a recording has gone stale.
"""

__version__ = "0.1.0"
