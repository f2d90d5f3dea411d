"""What a message says joined to what the server has: nothing that others said is wiped, nothing that was not sent is touched.

The rules come from the map (`merge:` of a resource), element by element:
`replace` (the default) takes the new value; with `key` only the items of a list whose key the message names are replaced;
`overlay` keeps what the message does not speak of, inside an object or inside the items with the same key; `fill` keeps what is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.mapping.run import Resource

Rules = Mapping[str, Mapping[str, Any]]
Patterns = Mapping[str, Sequence[Mapping[str, Any]]]
REPLACE: Mapping[str, Any] = {"how": "replace"}


def merged(existing: Resource, said: Resource, deleted: Patterns, rules: Rules) -> Resource:
    """A new resource; neither argument is changed. Equal to `existing` where the message says nothing new."""
    result = dict(existing)
    for name, patterns in deleted.items():
        _delete(result, name, patterns)
    for name, value in said.items():
        if name != "resourceType":
            _set(result, name, value, rules.get(name, REPLACE))
    return result


def _delete(result: Resource, name: str, patterns: Sequence[Mapping[str, Any]]) -> None:
    present = result.get(name)
    if isinstance(present, list):
        kept = [item for item in present if not any(_contains(item, pattern) for pattern in patterns)]
        result[name] = kept
    if not isinstance(present, list) or not result[name]:
        result.pop(name, None)


def _contains(item: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return all(item.get(name) == value for name, value in pattern.items())


def _set(result: Resource, name: str, value: Any, rule: Mapping[str, Any]) -> None:
    if any(other in result for other in rule.get("unless", ())):
        return
    for other in rule.get("instead_of", ()):
        result.pop(other, None)
    present = result.get(name)
    result[name] = value if present is None else _joined(present, value, rule)


def _joined(present: Any, value: Any, rule: Mapping[str, Any]) -> Any:
    how, key = rule["how"], rule.get("key")
    if how == "fill":
        return present
    if key and isinstance(present, list):
        return (_overlaid if how == "overlay" else _regrouped)(present, value, key)
    if how == "overlay" and isinstance(present, dict):
        return {**present, **value}
    return value


def _overlaid(present: list[Any], value: list[Any], key: Sequence[str]) -> list[Any]:
    """Items with a key that is there already are laid over it, in its place; the others come after."""
    result = list(present)
    places = {_key(item, key): at for at, item in reversed(list(enumerate(present)))}
    for item in value:
        at = places.get(_key(item, key))
        if at is None:
            places[_key(item, key)] = len(result)
            result.append(item)
        else:
            result[at] = {**result[at], **item}
    return result


def _regrouped(present: list[Any], value: list[Any], key: Sequence[str]) -> list[Any]:
    """All items whose key the message names give way to those of the message, at the place of the first of them."""
    groups: dict[Any, list[Any]] = {}
    for item in value:
        groups.setdefault(_key(item, key), []).append(item)
    named = frozenset(groups)
    result: list[Any] = []
    for item in present:
        name = _key(item, key)
        result += groups.pop(name, []) if name in named else [item]
    return result + [item for group in groups.values() for item in group]


def _key(item: Any, paths: Sequence[str]) -> tuple[Any, ...]:
    return tuple(tuple(_at(item, path.split("."))) for path in paths)


def _at(item: Any, steps: list[str]) -> list[Any]:
    """The values at a path, through lists."""
    if isinstance(item, list):
        return [value for one in item for value in _at(one, steps)]
    if not steps:
        return [item]
    return _at(item[steps[0]], steps[1:]) if isinstance(item, dict) and steps[0] in item else []
