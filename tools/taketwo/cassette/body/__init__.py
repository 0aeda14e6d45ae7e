"""
Bodies: their readable form, byte for byte what they were, and the files beside a cassette that hold large
ones.
"""
