"""Request bodies: bytes to a JSON object, whatever the bytes are.

Python's own JSON reader is used, since only it can tell that a field came twice.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from konductor.runner.local.apiserver import gojson
from konductor.runner.local.apiserver.answer import Refusal, bad_request, unsupported_media_type
from konductor.runner.local.apiserver.builtin import protobuf

Json = Any
JSON, YAML = "application/json", "application/yaml"
ACCEPTED = (JSON, YAML, protobuf.CONTENT_TYPE)
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says."""

    document: dict[str, Json]
    duplicates: tuple[str, ...] = ()
    """Paths of the fields that came twice."""
    data: bytes = b""
    """As it came, for messages."""


class _Object(dict[str, Json]):
    """A JSON object that remembers which names came twice."""

    twice: tuple[str, ...] = ()


def read(data: bytes, content_type: str, kind: str, *, custom: bool) -> Body:
    """Return the object in a body.

    ``kind`` is what should be in it, for messages. A body without a content type is JSON.

    Raises:
        Refusal: it is no object, or of a type that is not read here.
    """
    media = content_type.partition(";")[0].strip().lower() or JSON
    if media == protobuf.CONTENT_TYPE and not custom:
        try:
            return Body(protobuf.read(data))
        except protobuf.UnreadableBody as error:
            raise bad_request(f"the object provided is unrecognized: {error}") from error
    if media == YAML:
        return Body(_object(_yaml(data), data, kind, custom=custom), data=data)
    if media != JSON:
        raise unsupported_media_type(ACCEPTED)
    try:
        document = parse(data)
    except NoJson as error:
        raise bad_request(gojson.headless(kind, str(error), data)) from error
    found = _object(document, data, kind, custom=custom)
    return Body(found, tuple(_duplicates(document, "")), data)


class NoJson(ValueError):
    """Some bytes are no JSON; the message says so in Go's words."""


def parse(data: bytes) -> Json:
    """Return the JSON value in some bytes.

    Raises:
        NoJson: it is none.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        place = f"'{text[error.start]}' looking for beginning of value"
        raise NoJson(f"invalid character {place}") from error
    try:
        found = json.loads(text, object_pairs_hook=_pairs, parse_int=_int, parse_constant=_refuse)
        return _readable(found) if "\\u" in text else found
    except (ValueError, RecursionError) as error:
        raise NoJson(gojson.fault(error, text)) from error


def _pairs(pairs: list[tuple[str, Json]]) -> _Object:
    found = _Object(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        found.twice = tuple(dict.fromkeys(one for one in names if names.count(one) > 1))
    return found


def _int(text: str) -> int | float:
    """Read a number as Go does: what does not fit 64 bits is a float."""
    value = int(text)
    return value if -_LARGEST <= value < _LARGEST else float(value)


def _refuse(constant: str) -> None:
    raise ValueError(f"invalid character '{constant[0]}' looking for beginning of value")


def _readable(value: Json) -> Json:
    """Replace halves of surrogate pairs, which no UTF-8 can hold, as Go does."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        found = _Object({_readable(name): _readable(item) for name, item in value.items()})
        found.twice = getattr(value, "twice", ())
        return found
    return value


def _duplicates(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _duplicates(item, f"{path}[{at}]")
    elif isinstance(value, _Object):
        for name in value.twice:
            yield f"{path}.{name}" if path else name
        for name, item in value.items():
            yield from _duplicates(item, f"{path}.{name}" if path else name)


def _object(document: Json, data: bytes, kind: str, *, custom: bool) -> dict[str, Json]:
    if isinstance(document, dict):
        return document
    if document is None and not custom:
        return {}
    if document is None:
        raise bad_request(gojson.unrecognized(kind, "Object 'Kind' is missing in 'null'", data))
    raise bad_request(gojson.no_object(kind, document, data))


def _yaml(data: bytes) -> Json:
    import yaml  # noqa: PLC0415  # hardly anybody sends YAML itself

    class Loader(yaml.SafeLoader):
        """YAML as Kubernetes reads it: a time is a text."""

    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.items()
    time = "tag:yaml.org,2002:timestamp"
    Loader.yaml_implicit_resolvers = {
        key: [one for one in found if one[0] != time] for key, found in resolvers
    }
    try:
        loaded = yaml.load(data, Loader)  # noqa: S506  # a subclass of the safe one
        return parse(json.dumps(loaded).encode())
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise _no_yaml(error) from error


def _no_yaml(error: Exception) -> Refusal:
    return bad_request(
        f"the object provided is unrecognized: error converting YAML to JSON: {error}"
    )
