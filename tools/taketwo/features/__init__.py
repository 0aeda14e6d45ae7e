"""
One folder for each feature: its logic, its command and its rendering.
"""
