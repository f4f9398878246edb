"""Runs the command line as `python -m pconc_tui`."""

from pconc_tui.cli import main

main()
