"""Messages in and out over HTTP, for the administrator of the server: where one is, sending it again, pausing (docs/exchange.md).

No answer holds a message's content: who keeps the exchange going need not read letters. Not part of FHIR, so plain JSON.
"""

from __future__ import annotations

import re

from fhir_server.exchange_desk import INCOMING, OUTGOING, Passage, Wanted, passage, passages, replayed, resumed, standing
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import encode_json
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.security.caller import ADMINISTRATOR
from fhir_server.store.store import Store

MOST = 1000
_TOLD = ("id", "time", "status", "partner", "key", "attempts", "note", "lane")
_ID = re.compile(r"(in|out)-([0-9]{1,18})")


async def list_messages(request: FhirRequest) -> Response:
    """Messages that the parameters direction, status, destination and about agree with, and the state of each destination."""
    store = _store(request)
    found = await passages(store, _wanted(request), _count(request))
    return _json({"messages": [_told(one) for one in found], "destinations": await standing(store)})


async def read_message(request: FhirRequest) -> Response:
    """One message, without its content."""
    store = _store(request)
    found = await passage(store, *_place(request.id))
    if found is None:
        raise fault(Category.NOT_FOUND, "not-found", f"There is no message {request.id}; GET _exchange lists those there are.")
    return _json(_told(found))


async def replay_messages(request: FhirRequest) -> Response:
    """By `id`, or by the same parameters as a list; how many will be tried again."""
    store, parameters = _store(request), dict(request.own_query)
    wanted = _wanted(request)
    if id_ := parameters.get("id"):
        direction, number = _place(id_)
        wanted = Wanted(direction, number=number)
    elif wanted == Wanted():
        raise _unclear("Say which messages: id, status, destination or about.")
    return _json({"replayed": await replayed(store, wanted)})


async def pause_destination(request: FhirRequest) -> Response:
    """Its messages wait until it is resumed."""
    store = _store(request)
    await store.outbox.pause(_destination(request), True)
    return _json({"destinations": await standing(store)})


async def resume_destination(request: FhirRequest) -> Response:
    """Go on with it, at once even where it was left alone after failures."""
    store = _store(request)
    await resumed(store, _destination(request))
    return _json({"destinations": await standing(store)})


def _store(request: FhirRequest) -> Store:
    """The one place where it is decided who may: the administrator of the whole server, of no single tenant and for no single patient."""
    caller = request.caller
    if ADMINISTRATOR not in caller.roles or caller.tenant or caller.patient:
        raise fault(Category.FORBIDDEN, "forbidden", "Messages are looked after by the administrator of the server.")
    return request.service.interactions.store


def _wanted(request: FhirRequest) -> Wanted:
    given = {name: value for name, value in request.own_query if value}
    if any("\0" in value for value in given.values()):
        raise _unclear("No name holds U+0000.")
    _require(given.get("direction"), ("in", "out"), "direction")
    _require(given.get("status"), (*INCOMING, *OUTGOING), "status")
    return Wanted(given.get("direction"), given.get("status"), given.get("destination"), given.get("about"))


def _require(value: str | None, known: tuple[str, ...], name: str) -> None:
    if value is not None and value not in known:
        raise _unclear(f"{name} is one of {', '.join(known)}.")


def _count(request: FhirRequest) -> int:
    text = dict(request.own_query).get("_count", "100")
    return min(MOST, int(text)) if text.isdecimal() and len(text) < 7 else 100


def _destination(request: FhirRequest) -> str:
    name = dict(request.own_query).get("destination", "")
    if not name or "\0" in name or len(name) > 200:
        raise _unclear("Say which destination, as in ?destination=NAME.")
    return name


def _place(id_: str) -> tuple[str, int]:
    found = _ID.fullmatch(id_)
    if found is None:
        raise _unclear("The id of a message is in-NUMBER or out-NUMBER.")
    return found[1], int(found[2])


def _unclear(sentence: str) -> FhirError:
    return fault(Category.MALFORMED, "invalid", sentence)


def _told(one: Passage) -> dict[str, object]:
    return {name: getattr(one, name) for name in _TOLD}


def _json(answer: dict[str, object]) -> Response:
    return Response(200, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], encode_json(answer))
