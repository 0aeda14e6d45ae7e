"""
``taketwo faults``: what does the code under test do when a request goes wrong?
"""
