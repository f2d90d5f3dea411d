"""The algorithms that signatures may be made with at all (https://www.rfc-editor.org/rfc/rfc7518#section-3)."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, str]] = {
    "RS256": ("RSA", ""), "RS384": ("RSA", ""), "RS512": ("RSA", ""), "PS256": ("RSA", ""), "PS384": ("RSA", ""), "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "ES512": ("EC", "P-521"),
}  # fmt: skip
"""The key type and curve of each algorithm that can be allowed at all: nothing symmetric, and not `none`."""
