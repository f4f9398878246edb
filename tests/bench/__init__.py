"""The benchmarks: `python -m tests.bench [NAME ...]` prints figures beside their targets, and judges nothing.

Each has a FULL extent and a SMOKE extent, which takes seconds and only shows that the benchmark runs.
"""
