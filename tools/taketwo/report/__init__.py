"""
Results as text: pure functions from values to lines, documents and pages.
"""
