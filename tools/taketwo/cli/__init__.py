"""
The command line: the composition root of a terminal, and the commands that refresh and review recordings.
"""
