"""Runs in the app's process: the screens. Imports panels, drawing and the rest of `ui`, but not the app."""
