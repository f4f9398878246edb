"""Runs in the app's process: the dashboard's panels, a class in a file each. Imports drawing and the state of `ui`."""
