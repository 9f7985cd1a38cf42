"""The command `securedata`, and `python -m securedata`, also where that is not on PATH.

Imports take half a second. Until then Ctrl-C ends the program at once, as it ends `ls`: a
KeyboardInterrupt would be a traceback of somebody's imports. `Commands.get_command` gives Ctrl-C
back to Python.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it is not after `… &`
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from securedata.cli import main

if __name__ == "__main__":
    main(prog_name="securedata")
