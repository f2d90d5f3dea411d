"""One request, one answer: headers, errors as exceptions, and no credentials for another server than the one named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from fhir_server.client.failure import NotUnderstood, Unreachable, refusal
from fhir_server.client.representation import Resource, decoded
from fhir_server.client.retry import STREAMED, Retry, RetryingTransport

JSON = "application/fhir+json"
JSON_PATCH = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"


class Connection:
    """Connections to one FHIR base URL, kept open between requests."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: httpx.Auth | None,
        retry: Retry,
        timeout: float,
        headers: Mapping[str, str] | None,
        transport: httpx.AsyncBaseTransport | None,
    ):
        self.base_url = base_url.rstrip("/")
        self._http = httpx.AsyncClient(
            auth=auth,
            timeout=timeout,
            headers={"Accept": JSON} | dict(headers or {}),
            transport=RetryingTransport(transport or httpx.AsyncHTTPTransport(), retry),
        )

    async def close(self) -> None:
        await self._http.aclose()

    def url(self, path: str) -> str:
        """The full URL of a path below the base, or of a link that the server gave; NotUnderstood if that leads to another server."""
        if "://" not in path:
            return f"{self.base_url}/{path}" if path else self.base_url
        if _origin(path) != _origin(self.base_url):
            raise NotUnderstood(
                f"The server refers to {_named(path)}, which is not {_named(self.base_url)}: credentials are not sent there. "
                "Ask its operator to set its base URL, or name the base URL that it gives itself."
            )
        return path

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer; Refused for a status of 400 or more, Unreachable where none comes."""
        sent = dict(headers or {}) | ({"Content-Type": content_type} if content is not None else {})
        url = httpx.URL(self.url(path))
        request = self._http.build_request(method, url.copy_merge_params(list(query)) if query else url, content=content, headers=sent)
        with _as_unreachable(request):
            answer = await self._http.send(request)
        return checked(answer)

    async def ask_resource(self, method: str, path: str, **asked: Any) -> Resource:
        """The resource that the answer holds."""
        return decoded((await self.ask(method, path, **asked)).content)

    @asynccontextmanager
    async def streamed(self, url: str, headers: Mapping[str, str], *, with_credentials: bool) -> AsyncIterator[httpx.Response]:
        """The answer to a GET, its body not yet read."""
        request = self._http.build_request("GET", url, headers=dict(headers), extensions={STREAMED: True})
        with _as_unreachable(request):
            answer = await (self._http.send(request, stream=True) if with_credentials else self._http.send(request, stream=True, auth=None))
            try:
                if answer.status_code >= 400:
                    await answer.aread()
                yield checked(answer)
            finally:
                await answer.aclose()


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is a good one; a redirection is followed by nobody."""
    if answer.status_code < 300 or answer.status_code == 304:
        return answer
    request = answer.request
    name = f"{request.method} {request.url.path}"
    raise refusal(answer.status_code, name, _outcome(answer), answer.headers.get("retry-after"))


def _outcome(answer: httpx.Response) -> Resource | None:
    with suppress(NotUnderstood):
        resource = decoded(answer.content)
        return resource if resource.get("resourceType") == "OperationOutcome" else None
    return None


class _as_unreachable:
    """Errors of the transport become Unreachable, the query not named."""

    def __init__(self, request: httpx.Request):
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.RequestError):
            what = f"{self._request.method} {self._request.url.copy_with(query=None)}"
            raise Unreachable(f"No answer that can be read to {what}: {type(error).__name__} {error}".rstrip()) from error


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port


def _named(url: str) -> str:
    scheme, host, port = _origin(url)
    return f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
