"""Comparisons: plan, scale, rows, verdict, report. Pure; runs in the app and in commands, imports `text` and below."""
