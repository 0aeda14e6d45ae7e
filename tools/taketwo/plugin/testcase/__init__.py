"""
One test: its id and options, the file of its cassette, its state and how it ended.
"""
