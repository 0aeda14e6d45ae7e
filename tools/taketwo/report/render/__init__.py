"""
One module for each format of a report, and for each listing.
"""
