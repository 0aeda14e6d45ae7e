"""
``taketwo pull``, ``push`` and ``gc``: recordings that are kept in a store outside of the repository.
"""
