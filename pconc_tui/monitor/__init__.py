"""Owns labs and samplers and makes a Snapshot each frame. Runs in the app's process; imports no Textual or Rich."""
