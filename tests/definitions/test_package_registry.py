"""Packages from a registry: only from allowed hosts, redirections included."""

from __future__ import annotations

import httpx
import pytest

from fhir_server.definitions.registry import PackageRegistry
from fhir_server.model.issue import Category, FhirError
from fhir_server.security.outgoing import REDIRECTS


def registry(answer, hosts=("packages.example.org",)) -> PackageRegistry:
    return PackageRegistry("https://packages.example.org/", hosts, httpx.MockTransport(answer))


def test_a_package_is_fetched_by_name_and_version(tmp_path):
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=b"archive")

    registry(answer).fetch("hl7.fhir.fr.core", "2.1.0", tmp_path / "x.tgz")
    assert asked == ["https://packages.example.org/hl7.fhir.fr.core/2.1.0"]
    assert (tmp_path / "x.tgz").read_bytes() == b"archive"


def test_a_redirection_to_an_allowed_host_is_followed(tmp_path):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "files.example.org":
            return httpx.Response(200, content=b"archive")
        return httpx.Response(302, headers={"location": "https://files.example.org/x.tgz"})

    registry(answer, ("packages.example.org", "files.example.org")).fetch("a", "1", tmp_path / "x.tgz")
    assert (tmp_path / "x.tgz").read_bytes() == b"archive"


@pytest.mark.parametrize(
    "location", ["https://other.example.org/x.tgz", "http://127.0.0.1/x", "//169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_redirection_elsewhere_is_refused_and_never_asked(tmp_path, location):
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"location": location})

    with pytest.raises(FhirError, match="allowed_hosts") as caught:
        registry(answer).fetch("a", "1", tmp_path / "x.tgz")
    assert caught.value.category is Category.FORBIDDEN
    assert asked == ["packages.example.org"]


def test_a_registry_that_is_not_allowed_is_not_asked(tmp_path):
    with pytest.raises(FhirError, match="allowed_hosts"):
        registry(lambda _: pytest.fail("asked"), ()).fetch("a", "1", tmp_path / "x.tgz")


def test_redirections_without_end_are_given_up(tmp_path):
    asked: list[int] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(1)
        return httpx.Response(302, headers={"location": "/again"})

    with pytest.raises(FhirError, match="redirected more than"):
        registry(answer).fetch("a", "1", tmp_path / "x.tgz")
    assert len(asked) == REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "category"), [(404, Category.NOT_FOUND), (500, Category.BUSY), (429, Category.BUSY), (401, Category.BUSY)]
)
def test_a_refusal_of_the_registry_is_told_by_its_kind(tmp_path, status, category):
    with pytest.raises(FhirError) as caught:
        registry(lambda _: httpx.Response(status)).fetch("a", "1", tmp_path / "x.tgz")
    assert caught.value.category is category


def test_a_registry_that_cannot_be_reached_is_busy_and_named(tmp_path):
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("timed out")

    with pytest.raises(FhirError, match=r"packages\.example\.org.*timed out") as caught:
        registry(answer).fetch("a", "1", tmp_path / "x.tgz")
    assert caught.value.category is Category.BUSY
