"""
Other processes than that of the test which record into its cassette and replay from it.
"""
