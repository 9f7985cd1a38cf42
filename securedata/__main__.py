"""The command `securedata`, and `python -m securedata`, also where that is not on PATH.

Imports take most of a second. Until a command's own work begins, and after it, Ctrl-C ends the
program at once, as it ends `ls`: a KeyboardInterrupt would be a traceback of somebody's imports.
"""

import signal


def start() -> None:
    """Run the command line. `Commands.get_command` gives Ctrl-C back to Python."""
    if (before := signal.getsignal(signal.SIGINT)) is signal.default_int_handler:  # not `… &`
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from securedata.cli import main

        main(prog_name="securedata")
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    start()
