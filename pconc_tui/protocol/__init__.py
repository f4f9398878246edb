"""Used by every process, to exchange data; imports the standard library only (CPython 3.9 on)."""
