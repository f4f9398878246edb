"""Watch the GIL serialize CPU work: threads and processes launched on demand, measured and drawn live."""

__version__ = "0.1.0"
