"""
``taketwo mutate``: do the tests notice changed responses?
"""
