"""The program: `pconc-tui`, or `python -m pconc_tui`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl+C while modules are being imported ends the program without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from pconc_tui.cli import main

if __name__ == "__main__":
    main()
