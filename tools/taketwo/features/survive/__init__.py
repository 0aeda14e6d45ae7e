"""
``taketwo survive``: does the client live with every answer that the contract permits?
"""
