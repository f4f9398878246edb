"""Runs in the app's process: lines, styles, lanes, layout. Imports snapshots and text, but no panel and no screen."""
