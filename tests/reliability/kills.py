"""How often the tests of this folder kill: `PASSERELLE_KILLS` says it; 1,000 times in `make soak`, else 50."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("PASSERELLE_SOAK"))
KILLS = int(os.environ.get("PASSERELLE_KILLS", "1000" if SOAK else "50"))
