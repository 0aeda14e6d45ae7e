"""
What the tests of a run read of the answers.
"""
