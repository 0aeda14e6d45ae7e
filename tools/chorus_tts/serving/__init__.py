"""
The process: its socket, its signals, its parent.
"""
