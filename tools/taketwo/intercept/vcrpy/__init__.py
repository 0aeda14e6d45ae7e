"""
VCR.py: the clients that have no module of their own, and what the options of a project set up in it.
"""
