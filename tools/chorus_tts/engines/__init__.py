"""
The engines: phonemes to sound. Nothing here is downloaded, ever.
"""
