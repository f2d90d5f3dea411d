"""How often Python's collector of cycles runs. Resources are trees of dicts without cycles: reference counting frees them."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For processes that handle many resources: collecting finds nothing, cost 14 % of a create, and grows with what is in memory."""
    gc.set_threshold(20_000, 20, 50)
