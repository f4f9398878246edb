"""Runs in the sampler process, which observes workers' threads from outside; imports `cpython` and `protocol` only."""
