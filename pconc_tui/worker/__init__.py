"""Runs where workers run, in the lab's processes; imports protocol and the standard library only (CPython 3.9 on)."""
