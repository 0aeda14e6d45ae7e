"""
Tests that are run again with changes of their cassettes: the plugins of the commands that do so.
"""
