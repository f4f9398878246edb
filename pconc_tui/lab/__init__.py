"""Runs in the lab's processes; imports experiments, worker, protocol and the standard library only (CPython 3.9 on)."""
