"""Who sees and may do what, worked out from the facts of the world and the rules alone.

It shares nothing with `fhir_server.access`: where the two differ, one of them is wrong.
"""

from __future__ import annotations

from tests.access.world import GP, PERSONS, ROLE, Person, Piece, Who

_BY_ID = {person.id: person for person in PERSONS}


def permitted(who: Who, letter: str, type_name: str) -> bool:
    """Whether some scope has this letter for the type."""
    return letter in who.can and (not who.only or type_name == "Observation")


def knows(who: Who, person: Person) -> bool:
    """Whether the whole of the person's record is open: an emergency before all, then the nearer word of the person, then the circle."""
    names = {who.actor, ROLE} if who.actor == GP else {who.actor}
    if names & {*person.emergency}:
        return True
    if names & {*person.denies}:
        return False
    if names & {*person.permits}:
        return True
    return "" not in person.denies and person.when == "now" and bool(names & {*person.members})


def shown(who: Who, person: Person) -> bool:
    """Whether a referral shows what it names."""
    return who.actor in person.referred and not person.refused and not {who.actor, ""} & {*person.denies}


def sees(who: Who, piece: Piece) -> bool:
    """Whether they see the resource, given scopes for its type."""
    if who.only and piece.category != who.only:
        return False
    if piece.open:
        return True
    if piece.tenant != who.caller.tenant:
        return False
    if who.whole:
        return True
    mine = [_BY_ID[one] for one in _whose(piece)]
    if who.patient:
        return piece.hidden != "patient" and any(person.id == who.patient for person in mine)
    if piece.hidden == ("representative" if who.actor.startswith("RelatedPerson") else "professional"):
        return False
    mine += [_BY_ID[piece.about]] if piece.about else []
    if any("" in one.denies or who.actor in one.denies for one in mine if not knows(who, one)):
        return False
    return any(knows(who, one) or (piece.named and addressed(who, one, piece)) for one in mine)


def _whose(piece: Piece) -> list[str]:
    """The persons that it belongs to; a content is whose document it is."""
    return (piece.of or piece.held.rpartition("-")[0]).split()


def addressed(who: Who, person: Person, piece: Piece) -> bool:
    """Of several referrals about a person each sees the own."""
    is_own = piece.type != "ServiceRequest" or piece.body["performer"][0]["reference"] == who.actor
    return shown(who, person) and is_own


def changes(who: Who, piece: Piece) -> bool:
    """Whether they may change or delete what they see: who came in by an emergency adds, and changes nothing that is there."""
    return who.whole or not any(who.actor in _BY_ID[one].emergency for one in _whose(piece))


def writes_about(who: Who, person: Person) -> bool:
    """Whether they may write about the person: whom they see wholly, or of whom a referral tells them."""
    return who.whole or (person.tenant == who.caller.tenant and (who.patient == person.id or knows(who, person) or shown(who, person)))
