"""
The report of a refresh as one HTML page that loads nothing.
"""
