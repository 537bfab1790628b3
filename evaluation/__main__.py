"""`python -m evaluation` is the command `ceasefire`."""

from __future__ import annotations

import sys

from evaluation.cli import main

sys.exit(main())
