"""Runs in the app's process: renders snapshots. Imports no monitor, lab, sampler, psutil or subprocess."""
