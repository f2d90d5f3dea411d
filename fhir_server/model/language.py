"""Which language a reader prefers (https://www.rfc-editor.org/rfc/rfc9110#name-accept-language)."""

from __future__ import annotations

LANGUAGES = ("en", "fr")
DEFAULT = "en"


def preferred_language(header: str) -> str:
    """`fr` of `fr-CA,en;q=0.5`; English where neither is wanted, or the header is not to be understood."""
    ranges = [_range(part) for part in header.split(",")]
    wanted = [(quality, tag) for quality, tag in ranges if tag in LANGUAGES and quality > 0]
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else DEFAULT


def _range(part: str) -> tuple[float, str]:
    tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((piece.removeprefix("q=") for piece in parameters if piece.startswith("q=")), "1")
    return _quality(quality), tag.partition("-")[0]


def _quality(text: str) -> float:
    """0 to 1; what is no such number counts as 0."""
    try:
        return value if 0 <= (value := float(text)) <= 1 else 0.0
    except ValueError:
        return 0.0
