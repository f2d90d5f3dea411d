"""What one caller may see and do at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from fhir_server.access.circle import Circle
from fhir_server.access.permission import insufficient, permits
from fhir_server.access.sight_of import Filters, sight_of
from fhir_server.search.sight.sight import Sight
from fhir_server.security.caller import Caller
from fhir_server.security.scope import Permission


@dataclass(frozen=True)
class Access:
    """Made by the desk; good until the record changes what it was made from, or `circle.until` has come."""

    caller: Caller
    circle: Circle
    types: Sequence[str]
    filters: Filters
    _sights: dict[Permission, Sight] = field(default_factory=dict)

    def sight(self, permission: Permission) -> Sight:
        """What the caller sees for this."""
        if permission not in self._sights:
            self._sights[permission] = sight_of(self.caller, self.circle, permission, self.types, self.filters)
        return self._sights[permission]

    @cached_property
    def lasting(self) -> Access:
        """The same without what is seen in an emergency only."""
        circle = self.circle
        if not circle.emergency:
            return self
        return Access(self.caller, replace(circle, persons=circle.persons - circle.emergency), self.types, self.filters)

    def require(self, type_name: str, permission: Permission) -> None:
        """FORBIDDEN where no scope has this, whatever there is."""
        if type_name and not permits(self.caller, type_name, permission):
            raise insufficient(self.caller, type_name, permission)

    @property
    def sees_whole(self) -> bool:
        """True for who serves the whole of a tenant."""
        return self.caller.whole and not self.caller.patient

    def knows(self, person: str) -> bool:
        """True where the caller sees all that belongs to this person."""
        return self.sees_whole or person == self.caller.patient or person in self.circle.persons
