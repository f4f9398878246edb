"""Turns transitions into spans and states. Runs in the app's process; pure; imports `protocol` only."""
