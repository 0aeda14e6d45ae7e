"""
``taketwo coverage``: operations and fields of the contracts that no cassette covers.
"""
