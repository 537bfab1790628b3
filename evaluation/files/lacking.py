"""What the machine lacks to read or write any file, and what to do about it."""

from __future__ import annotations

import errno
from typing import Final

# What the machine lacks, where another try on the same machine fails again.
_LACKS: Final = {
    errno.ENOSPC: "Free some space, and run it again.",
    errno.EDQUOT: "Free some space, and run it again.",
    errno.EFBIG: "Let files be larger (ulimit -f), and run it again.",
    errno.EROFS: "The disk may only be read; use another.",
    errno.EIO: "The disk has a fault.",
    errno.ENOMEM: "Close other programs, and run it again.",
    errno.EMFILE: "Let more files be open (ulimit -n), and run it again.",
    errno.ENFILE: "Close other programs, and run it again.",
}


def lacks(fault: OSError) -> str:
    """What to do when the machine lacks something; "" when it does not."""
    return _LACKS.get(fault.errno, "") if fault.errno is not None else ""
