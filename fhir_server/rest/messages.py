"""Messages in and out over HTTP, for the administrator of the server: where one is, sending it again, pausing (docs/exchange.md).

No answer holds a message's content: who keeps the exchange going need not read letters. Not part of FHIR, so plain JSON.
"""

from __future__ import annotations

from fhir_server.exchange_desk import (
    INCOMING,
    OUTGOING,
    Passage,
    Wanted,
    moment,
    passage,
    passages,
    place,
    replayed,
    standing,
    why_left,
)
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import encode_json
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.security.caller import ADMINISTRATOR
from fhir_server.store.store import Store

MOST = 1000
_TOLD = ("id", "time", "status", "partner", "key", "attempts", "note", "lane")
_OF_LISTS = ("_since", "before")
_NARROWS = ("direction", "status", "destination", "about", "sender", "key")


async def list_messages(request: FhirRequest) -> Response:
    """The newest messages that direction, status, destination, about, sender, key and _since agree with, and the state of each destination.

    `more`: the ids that `before` takes for the older ones, one for each way that has such.
    """
    store, given = _store(request), _given(request)
    wanted = _wanted(request)
    since = moment(given["_since"]) if "_since" in given else None
    found = await passages(store, wanted, _count(request), since, given.get("before"))
    return _json({"messages": [_told(one) for one in found.messages], "more": found.more, "destinations": await standing(store)})


async def read_message(request: FhirRequest) -> Response:
    """One message, without its content."""
    store = _store(request)
    found = await passage(store, *place(request.id))
    if found is None:
        raise fault(Category.NOT_FOUND, "not-found", f"There is no message {request.id}; GET _exchange lists those there are.")
    return _json(_told(found))


async def replay_messages(request: FhirRequest) -> Response:
    """By `id`, once or more, or by direction, status, destination, about, sender and key; how many will be tried again."""
    store, given = _store(request), _given(request)
    if others := [name for name in _OF_LISTS if name in given]:
        raise _unclear(f"Messages are sent again by id, or by {', '.join(_NARROWS)}, not by {', '.join(others)}.")
    ids = [place(value) for name, value in request.own_query if name == "id"]
    if ids:
        return _json(await _replayed_by_id(store, ids))
    wanted = _wanted(request)
    if wanted == Wanted():
        raise _unclear(f"Say which messages: id, or {', '.join(_NARROWS)}.")
    return _json({"replayed": await replayed(store, wanted)})


async def _replayed_by_id(store: Store, ids: list[tuple[str, int]]) -> dict[str, object]:
    """`why`: of those that do not go again."""
    counts = [await replayed(store, Wanted(way, number=number)) for way, number in ids]
    left = [await why_left(store, *id_) for id_, count in zip(ids, counts, strict=True) if not count]
    why = " ".join(one for one in left if one)
    return {"replayed": sum(counts)} | ({"why": why} if why else {})


async def pause_destination(request: FhirRequest) -> Response:
    """Its messages wait until it is resumed."""
    store = _store(request)
    await store.outbox.pause(_destination(request))
    return _json({"destinations": await standing(store)})


async def resume_destination(request: FhirRequest) -> Response:
    """Go on with it, at once even where it was left alone after failures or its messages were to be tried later."""
    store = _store(request)
    await store.outbox.resume(_destination(request))
    return _json({"destinations": await standing(store)})


def _store(request: FhirRequest) -> Store:
    """The one place where it is decided who may: the administrator of the whole server, of no single tenant and for no single patient."""
    caller = request.caller
    if ADMINISTRATOR not in caller.roles or caller.tenant or caller.patient:
        raise fault(Category.FORBIDDEN, "forbidden", "Messages are looked after by the administrator of the server.")
    return request.service.interactions.store


def _wanted(request: FhirRequest) -> Wanted:
    given = _given(request)
    _require(given.get("direction"), ("in", "out"), "direction")
    _require(given.get("status"), (*INCOMING, *OUTGOING), "status")
    direction, status, destination, about, sender, key = (given.get(name) for name in _NARROWS)
    return Wanted(direction, status, destination, about, sender=sender, key=key)


def _given(request: FhirRequest) -> dict[str, str]:
    given = {name: value for name, value in request.own_query if value}
    if any("\0" in value for value in given.values()):
        raise _unclear("No name holds U+0000.")
    return given


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


def _unclear(sentence: str) -> FhirError:
    return fault(Category.MALFORMED, "invalid", sentence)


def _told(one: Passage) -> dict[str, object]:
    return {name: getattr(one, name) for name in _TOLD}


def _json(answer: dict[str, object]) -> Response:
    return Response(200, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], encode_json(answer))
