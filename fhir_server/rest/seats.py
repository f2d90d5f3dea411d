"""How many sockets are open in this process, in all and of each client."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fhir_server.model.issue import Category, fault
from fhir_server.security.caller import Caller

Client = tuple[str, str, str]


@dataclass
class Seats:
    """At most `most` in all, and `each` of a client."""

    most: int
    each: int
    taken: int = 0
    clients: Counter[Client] = field(default_factory=Counter)

    def enter(self) -> None:
        """BUSY where all are taken."""
        if self.taken >= self.most:
            raise fault(Category.BUSY, "throttled", "Too many sockets are open; try again later (the setting max_sockets).")
        self.taken += 1

    def take(self, caller: Caller) -> bool:
        """False where the client has as many as it may."""
        client = client_of(caller)
        if self.clients[client] >= self.each:
            return False
        self.clients[client] += 1
        return True

    def leave(self, caller: Caller | None) -> None:
        """`caller` is who took a seat, where somebody did."""
        self.taken -= 1
        if caller is not None:
            self.clients[client_of(caller)] -= 1
            self.clients += Counter()  # without those that have none


def client_of(caller: Caller) -> Client:
    return caller.tenant, caller.subject, caller.client
