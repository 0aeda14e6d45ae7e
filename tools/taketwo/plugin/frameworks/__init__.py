"""
What tests need that are run by other plugins and libraries: anyio, hypothesis, pytester.
"""
