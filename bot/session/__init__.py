"""A conversation: who talks, what is shown, and the pipeline between."""
