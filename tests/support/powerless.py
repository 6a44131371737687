"""The real program without the power to write where it may not: root would write into any folder.

powerless.py [cockpit arguments …]
"""

import ctypes
import os
import sys

_DROP_FROM_BOUNDING_SET = 24  # PR_CAPBSET_DROP, linux/prctl.h
_OVERRIDES = (1, 2, 3)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, linux/capability.h

if __name__ == "__main__":
    if os.geteuid() == 0:
        for capability in _OVERRIDES:
            ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)  # what it execs has them no more
    os.execv(sys.executable, [sys.executable, "-m", "cockpit", *sys.argv[1:]])  # noqa: S606 - no shell is wanted
