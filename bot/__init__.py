"""The Pipecat bot's service layer."""
