"""
VCR.py: the options of projects that come from there.
"""
