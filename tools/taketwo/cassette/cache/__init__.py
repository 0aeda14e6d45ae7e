"""
Compiled cassettes: what makes opening a cassette that was read before fast.
"""
