"""
The network of a test run: what may be reached, and by whom, child processes included.

Nothing here knows pytest; the plugin decides when the network is closed and what is allowed then.
"""
