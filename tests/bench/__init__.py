"""The benchmarks: `python -m tests.bench [NAME ...]` prints figures beside their targets, and judges nothing."""
