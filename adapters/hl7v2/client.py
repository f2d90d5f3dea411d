"""Send one HL7 v2 message by MLLP and wait for its answer (`passerelle send hl7 FILE`)."""

from __future__ import annotations

import asyncio
import re

from adapters.hl7v2.mllp import Frame, FrameDecoder, frame
from fhir_server.model.issue import Category, fault


async def send(content: bytes, host: str = "127.0.0.1", port: int = 2575, patience: float = 30.0) -> bytes:
    """The answer to `content`, as bytes without its frame; FhirError where no whole answer came within `patience` seconds."""
    try:
        return await asyncio.wait_for(_exchange(content, host, port), patience)
    except TimeoutError:
        sentence = f"No answer from {host}:{port} within {patience:g} s; the message may be sent again."
        raise fault(Category.BUSY, "timeout", sentence) from None
    except OSError as error:
        raise fault(Category.BUSY, "transient", f"No MLLP connection to {host}:{port}: {error.strerror or error}.") from None


def as_sent(file_content: bytes) -> bytes:
    """A message out of a text file: segments end in CR, blank lines at the ends are left out."""
    return re.sub(rb"\r?\n|\r", b"\r", file_content.strip(b"\r\n")) + b"\r"


async def _exchange(content: bytes, host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(frame(content))
        await writer.drain()
        return await _one_frame(reader)
    finally:
        writer.close()


async def _one_frame(reader: asyncio.StreamReader) -> bytes:
    decoder = FrameDecoder()
    while data := await reader.read(65536):
        for event in decoder.feed(data):
            if isinstance(event, Frame):
                return event.content
    raise fault(Category.BUSY, "incomplete", "The connection was closed before an answer came; the message may be sent again.")
