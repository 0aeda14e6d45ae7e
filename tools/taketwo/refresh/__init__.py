"""
Refresh: which recordings a change of a contract touches, and what differs when they are recorded again.
"""
