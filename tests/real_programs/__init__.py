"""Real programs under load, watched: `python -m tests.real_programs` makes the table of `docs/watch.md`."""
