"""A process whose memory no other process of the same user may read."""

import ctypes
import sys

NOT_DUMPABLE = 4  # PR_SET_DUMPABLE, prctl(2)


def hide_memory() -> None:
    """From now on, nobody but root reads this process's memory or debugs it. Linux alone has it.

    >>> import subprocess
    >>> program = "from securedata_lab.servers.hidden import hide_memory; hide_memory()"
    >>> subprocess.run([sys.executable, "-c", program]).returncode
    0
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(NOT_DUMPABLE, 0, 0, 0, 0)
