"""
The tests that pytest collected, and which cassettes are used, unused, missing or renamed by them.
"""
