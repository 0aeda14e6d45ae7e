"""
``taketwo rename``: cassettes follow tests that were renamed or moved.
"""
