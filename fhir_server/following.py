"""Where Subscriptions are joined to the server: who follows the changes, and what notifications are made with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import structlog

from fhir_server.assembly import Parts
from fhir_server.exchange_keeping import DAY, LOOK_SECONDS
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.authentication import Authenticator
from fhir_server.rest.service import Service
from fhir_server.security.caller import Caller
from fhir_server.security.scopes import narrowed
from fhir_server.settings import Settings, SettingsError
from fhir_server.store.opening import now
from fhir_server.store.subscription import Subscriptions
from fhir_server.subscriptions.follower import Follower
from fhir_server.subscriptions.reading import TopicFault
from fhir_server.subscriptions.sight import Sight
from fhir_server.subscriptions.topics_in_use import TopicsInUse
from fhir_server.worker_name import worker_name

log = structlog.stdlib.get_logger("passerelle.subscriptions")


def sight_of(service: Service) -> Sight:
    """The server as the owner of a Subscription sees it."""

    async def current(owner: Caller) -> Caller:
        """As the client is registered now: what was taken from it since is taken from what it asked for."""
        authentication = service.authentication
        await authentication.require(owner)
        if not isinstance(authentication, Authenticator):
            return owner
        client = (await authentication.clients.now()).by_id.get(owner.client)
        if client is None:
            raise fault(Category.UNAUTHENTICATED, "login", f"The client {owner.client} is not registered.")
        return replace(client.caller(narrowed(owner.scopes, client.scopes)), purpose=owner.purpose)

    return Sight(current, service.interactions_of, service.working_for)


def base_of(settings: Settings) -> str:
    """The FHIR base that notifications name: nobody asks, so no request tells it."""
    scheme = "https" if settings.tls_certificate else "http"
    return settings.base_url or f"{scheme}://{settings.host}:{settings.port}/fhir"


@contextlib.asynccontextmanager
async def with_own_topics(topics: TopicsInUse, settings: Settings) -> AsyncIterator[None]:
    """Let the topics of the setting's folder count while the block runs. Raises SettingsError where they cannot be used."""
    async with contextlib.AsyncExitStack() as taken:
        if settings.subscription_topics is not None:
            try:
                await taken.enter_async_context(topics.with_those_of(settings.subscription_topics))
            except TopicFault as fault:
                told = f"`passerelle topics {settings.subscription_topics}` checks them"
                raise SettingsError(f"subscription_topics: {str(fault).rstrip('.')}. Mend it; {told}.") from None
        yield


@contextlib.asynccontextmanager
async def following(parts: Parts, settings: Settings, service: Service) -> AsyncIterator[None]:
    """Follow the changes, and let old events go, while the block runs."""
    follower = Follower(parts.interactions, sight_of(service), parts.topics, worker_name(), now)
    async with follower.following():
        keeping = asyncio.create_task(_while_it_runs(parts.store.subscriptions, settings.subscription_event_days))
        try:
            yield
        finally:
            keeping.cancel()


async def let_go(subscriptions: Subscriptions, days: int, clock: Callable[[], int] = now) -> int:
    """How many events were removed; of 0 days none are."""
    return await subscriptions.purge(clock() - days * DAY) if days else 0


async def _while_it_runs(subscriptions: Subscriptions, days: int) -> None:
    while True:
        try:
            await let_go(subscriptions, days)
        except FhirError as error:
            log.warning("old events could not be let go", category=error.category.value)
        await asyncio.sleep(LOOK_SECONDS)
