"""When a connection that nobody uses is closed (https://www.rfc-editor.org/rfc/rfc9112#section-9.5).

uvicorn sets a timer after each answer and takes it away at the next request, which a busy connection pays thousands of times within
the time that the timer would run. Here a timer runs through and looks, at its end, how long nothing has come.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class KeepAliveProtocol(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1, with one timer for a connection, set after its first answer."""

    _quiet_since: float | None = None
    """The loop's time of the last answer; None where something has come since."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def on_response_complete(self) -> None:
        if self.timeout_keep_alive_task is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()
        self._quiet_since = self.loop.time()

    def timeout_keep_alive_handler(self) -> None:
        if (left := self._seconds_left()) > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        """What uvicorn calls when bytes come."""
        self._quiet_since = None

    def _seconds_left(self) -> float:
        """All of them while a request is on its way or under work."""
        if self._quiet_since is None or not self.cycle.response_complete:
            return self.timeout_keep_alive
        return self._quiet_since + self.timeout_keep_alive - self.loop.time()
