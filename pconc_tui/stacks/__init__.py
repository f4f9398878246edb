"""Reads which functions the threads of a running CPython are in, with tools that never stop it. In the app only."""
