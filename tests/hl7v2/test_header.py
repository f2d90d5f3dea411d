"""The header is read of every message that comes, also of one that is hardly one."""

from __future__ import annotations

import pytest

from adapters.hl7v2.acknowledgement import Header


@pytest.mark.parametrize(
    "raw", [b"", b"MSH", b"MSH\r", b"MSH\rPID|1|2|3", b"MSH\nMSH|^~\\&|||||||ADT^A01|1", b"MSH|^~\\", b"\r\nMSH|\rPID|1||||"]
)
def test_what_has_no_whole_header_has_an_empty_one(raw: bytes) -> None:
    assert Header.of_bytes(raw) == Header()


def test_what_stands_before_the_header_is_passed_over() -> None:
    assert Header.of_bytes(b"\xef\xbb\xbf\r\nMSH|^~\\&|A|B|||||ADT^A01|7\rPID|1").control_id == "7"
