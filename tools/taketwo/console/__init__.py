"""
What every command shares: its parser, the terminal, the project it runs in, the reports it writes.
"""
