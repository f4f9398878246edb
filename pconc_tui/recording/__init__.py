"""Keeps what was seen: Snapshots become a trace file and Snapshots again. Pure but for the files; standard library."""
