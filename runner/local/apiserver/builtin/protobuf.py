"""Request bodies that come as protobuf, as kubectl (since 1.32) and Go clients send them.

A body is four bytes of magic and an envelope (``runtime.Unknown``) that names the kind. What is in
it becomes the JSON object that the same client would have sent as JSON. Answers are JSON: every
client that asks for protobuf accepts it.
"""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError as ProtobufError
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from konductor.runner.local.apiserver.builtin.decode import decode
from konductor.runner.local.apiserver.builtin.gotype import GoType, Shape, fields
from konductor.runner.local.apiserver.builtin.schema import schema_name

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_ENVELOPE = "k8s.io.apimachinery.pkg.runtime.Unknown"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnreadableBody(ValueError):
    """The body is no protobuf of a kind that is known here."""


def read(body: bytes) -> dict[str, Any]:
    """Return the object in a protobuf body.

    Raises:
        UnreadableBody: magic or envelope are missing, the kind is unknown, or its bytes are cut.
    """
    if not body.startswith(_MAGIC):
        raise UnreadableBody("provided data does not appear to be a protobuf message")
    try:
        envelope: Any = _message(_ENVELOPE).FromString(body[len(_MAGIC) :])
        kind, version = envelope.typeMeta.kind, envelope.typeMeta.apiVersion
        component = _component(version, kind)
        message = _message(component.replace("io.k8s.", "k8s.io.", 1)).FromString(envelope.raw)
    except ProtobufError as error:
        raise UnreadableBody(str(error)) from error
    # A field that Go sets to nothing is sent, where JSON would leave it out.
    found = decode(component, _object(message, component)).value
    return {**found, "kind": kind, "apiVersion": version}


def _component(api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    try:
        return schema_name(group, version, kind)
    except KeyError:
        known = f'no kind "{kind}" is registered for version "{api_version}"'
        raise UnreadableBody(known) from None


@cache
def _pool() -> DescriptorPool:
    packed = files(__package__).joinpath("descriptors.pb.gz").read_bytes()
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(gzip.decompress(packed)).file:
        pool.Add(file)
    return pool


@cache
def _message(name: str) -> type[Message]:
    return GetMessageClass(_pool().FindMessageTypeByName(name))


def _object(message: Message, component: str) -> dict[str, Any]:
    """Return a struct's JSON; messages that Go embeds are spread into the one around them."""
    known = fields(component)
    found: dict[str, Any] = {}
    for descriptor, value in message.ListFields():
        if descriptor.name in known:
            found[descriptor.name] = _field(known[descriptor.name].type, descriptor, value)
        elif descriptor.message_type is not None:
            found |= _object(value, component)
    return {name: value for name, value in found.items() if value is not None}


def _field(go: GoType, descriptor: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401  # JSON
    element = go.element or go
    if go.shape is Shape.MAP:
        return {key: _value(element, value[key]) for key in value}
    if go.shape is Shape.LIST and not isinstance(value, Message):
        return [_value(element, item) for item in value]
    if descriptor.message_type is not None and go.shape is Shape.LIST:
        return list(value.items)
    return _value(go, value)


def _value(go: GoType, value: Any) -> Any:  # noqa: ANN401  # JSON
    match go.shape:
        case Shape.STRUCT:
            return _object(value, go.component)
        case Shape.QUANTITY:
            return value.string
        case Shape.TIME | Shape.MICRO_TIME:
            return _time(value, micro=go.shape is Shape.MICRO_TIME)
        case Shape.INT_OR_STRING:
            return value.strVal if value.type else value.intVal
        case Shape.BYTES:
            return base64.b64encode(value).decode()
        case Shape.RAW:
            return _raw(value)
        case Shape.LIST:
            return list(value.items)
    return value


def _time(value: Any, *, micro: bool) -> str | None:  # noqa: ANN401  # a generated message
    if not value.seconds and not value.nanos:
        return None
    moment = _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ")


def _raw(value: Any) -> Any:  # noqa: ANN401  # JSON in bytes, in one of three messages
    raw = getattr(value, "raw", None) or getattr(value, "Raw", None)
    return json.loads(raw) if raw else None
