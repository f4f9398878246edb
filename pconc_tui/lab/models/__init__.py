"""How workers run, a module a model; in the lab's processes, with the imports of lab (CPython 3.9 on)."""
