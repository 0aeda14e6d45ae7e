"""
The text form of a cassette: one writer, and readers that name the place of every error.
"""
