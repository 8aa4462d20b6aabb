"""The functions that every program has: total, and the same answer for the same arguments."""

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from konductor.dsl.plan import ClaimedVolume, EmptyVolume, SecretKey
from konductor.dsl.provision import Files, SourceKind, Variables
from konductor.dsl.types import ANY, SCALARS, Kind, Type
from konductor.dsl.values import (
    LARGEST_INT,
    MapValue,
    Quantity,
    Undefined,
    Value,
    describe,
    text_of,
)

STRING = Type(Kind.STRING)
INT = Type(Kind.INT)
NUMBERS = frozenset({Kind.INT, Kind.FLOAT})
ORDERED = frozenset({Kind.INT, Kind.FLOAT, Kind.STRING, Kind.DURATION, Kind.QUANTITY, Kind.PERCENT})
_LONGEST_LIST = 1_000_000


@dataclass(frozen=True, slots=True)
class Argument:
    """What a function takes at one place: any of these kinds."""

    name: str
    kinds: frozenset[Kind]

    def __str__(self) -> str:
        """Return it as a signature shows it."""
        return f"{self.name}: {self.wants}"

    @property
    def wants(self) -> str:
        """Return the types it takes, in words."""
        return " or ".join(sorted(self.kinds - {Kind.ENUM})) or "any"


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function; `apply` raises Undefined for arguments it has no answer to."""

    name: str
    arguments: tuple[Argument, ...]
    result: Type
    apply: Callable[..., Value]
    optional: tuple[Argument, ...] = ()
    """Arguments that may be left out, and given by name."""
    repeats: bool = False
    """Whether the last argument may come again."""

    def __str__(self) -> str:
        """Return the signature."""
        arguments = ", ".join(map(str, self.arguments)) + (", …" if self.repeats else "")
        optional = "".join(f" [, {one.name} = …]" for one in self.optional)
        return f"{self.name}({arguments}{optional}) -> {self.result}"


def matches(text: str, pattern: str) -> bool:
    """Tell whether a pattern (RE2 syntax, linear time) is found anywhere in a text.

    Raises:
        Undefined: the pattern is no regular expression.
    """
    from konductor.cel import cel  # noqa: PLC0415  # only programs with `matches` pay for it

    try:
        return cast("bool", cel().evaluate("s.matches(p)", {"s": text, "p": pattern}))
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        why = next((line for line in lines if line.startswith("error: ")), "error: not understood")
        reason = why.removeprefix("error: ").partition(". Check")[0]
        raise Undefined(f"`{pattern}` is no pattern in RE2 syntax: {reason}") from error


def _length(value: "str | tuple[Value, ...] | range | MapValue") -> int:
    return len(value.pairs) if isinstance(value, MapValue) else len(value)


def _keys(value: MapValue) -> Value:
    return tuple(key for key, _ in value.pairs)


def _values(value: MapValue) -> Value:
    return tuple(one for _, one in value.pairs)


def _join(separator: str, values: "tuple[Value, ...] | range") -> Value:
    if len(values) > _LONGEST_LIST:
        raise Undefined(f"a list is at most {_LONGEST_LIST} long")
    texts = [text_of(value) for value in values]
    if None in texts:
        raise Undefined("`join` takes a list of texts, numbers and the like")
    return separator.join(text for text in texts if text is not None)


def _split(separator: str, text: str) -> Value:
    if not separator:
        raise Undefined("`split` needs a separator that is not empty")
    return tuple(text.split(separator))


def _extreme(pick: Callable[..., Value]) -> Callable[..., Value]:
    def apply(*values: Value) -> Value:
        if len({_family(value) for value in values}) > 1:
            kinds = ", ".join(describe(value) for value in values)
            raise Undefined(f"{kinds} have no common order")
        return pick(values, key=_rank)

    return apply


def _family(value: Value) -> str:
    return "number" if isinstance(value, int | float) else type(value).__name__


def _rank(value: Value) -> object:
    if isinstance(value, Quantity):
        return value.amount
    return getattr(value, "share", value)


def _whole(number: float, rounded: Callable[[float], int]) -> int:
    if abs(number) > LARGEST_INT:
        raise Undefined("the result is beyond 64 bits")
    return rounded(number)


def _mod(number: int, divisor: int) -> int:
    if divisor == 0:
        raise Undefined("`mod` by zero has no answer")
    return number % divisor


def _contains(whole: "str | tuple[Value, ...] | range", part: Value) -> bool:
    if isinstance(whole, str) and not isinstance(part, str):
        raise Undefined(f"a string cannot contain {describe(part)}")
    return part in whole


def _zip(left: "tuple[Value, ...] | range", right: "tuple[Value, ...] | range") -> Value:
    if len(left) != len(right):
        raise Undefined(f"`zip` needs lists of one length, these have {len(left)} and {len(right)}")
    if len(left) > _LONGEST_LIST:
        raise Undefined(f"a list is at most {_LONGEST_LIST} long")
    return tuple(zip(left, right, strict=True))


def _empty(size: Quantity, storage_class: str = "") -> Value:
    if size.amount <= Decimal(0):
        raise Undefined("a volume's size must be more than 0")
    return EmptyVolume(str(size), storage_class)


def _whole_source(kind: SourceKind, what: type[Variables | Files]) -> Function:
    """Return ``secret_env``, ``secret_files``, ``config_env`` or ``config_files``."""
    suffix, result = ("env", Kind.VARIABLES) if what is Variables else ("files", Kind.FILES)
    return Function(f"{kind}_{suffix}", (_NAME,), Type(result), lambda name: what(kind, name))


def _of(*kinds: Kind) -> frozenset[Kind]:
    return frozenset(kinds)


_TEXTS = _of(Kind.STRING, Kind.ENUM)
_TEXT = Argument("text", _TEXTS)
_NAME = Argument("name", _TEXTS)
_LIST = Argument("list", _of(Kind.LIST))
_VOLUME = Type(Kind.VOLUME)
_STRINGS = Type(Kind.LIST, (STRING,))

FUNCTIONS: dict[str, Function] = {
    one.name: one
    for one in (
        Function(
            "len",
            (Argument("x", _TEXTS | _of(Kind.LIST, Kind.MAP)),),
            INT,
            _length,
        ),
        Function("keys", (Argument("map", _of(Kind.MAP)),), _STRINGS, _keys),
        Function("values", (Argument("map", _of(Kind.MAP)),), Type(Kind.LIST), _values),
        Function("join", (Argument("separator", _TEXTS), _LIST), STRING, _join),
        Function("split", (Argument("separator", _TEXTS), _TEXT), _STRINGS, _split),
        Function("lower", (_TEXT,), STRING, str.lower),
        Function("upper", (_TEXT,), STRING, str.upper),
        Function("min", (Argument("a", ORDERED),), ANY, _extreme(min), repeats=True),
        Function("max", (Argument("a", ORDERED),), ANY, _extreme(max), repeats=True),
        Function(
            "ceil", (Argument("number", NUMBERS),), INT, lambda number: _whole(number, math.ceil)
        ),
        Function(
            "floor", (Argument("number", NUMBERS),), INT, lambda number: _whole(number, math.floor)
        ),
        Function("mod", (Argument("a", _of(Kind.INT)), Argument("b", _of(Kind.INT))), INT, _mod),
        Function("matches", (_TEXT, Argument("pattern", _TEXTS)), Type(Kind.BOOL), matches),
        Function(
            "contains",
            (Argument("whole", _TEXTS | _of(Kind.LIST)), Argument("part", frozenset())),
            Type(Kind.BOOL),
            _contains,
        ),
        Function("zip", (_LIST, _LIST), Type(Kind.LIST), _zip),
        Function(
            "sh",
            (Argument("text", SCALARS),),
            STRING,
            lambda value: shlex.quote(text_of(value) or ""),
        ),
        Function("secret", (_NAME, Argument("key", _TEXTS)), Type(Kind.SECRET), SecretKey),
        Function("pvc", (_NAME,), _VOLUME, ClaimedVolume),
        Function(
            "empty",
            (Argument("size", _of(Kind.QUANTITY)),),
            _VOLUME,
            _empty,
            optional=(Argument("class", _TEXTS),),
        ),
        *(_whole_source(kind, what) for kind in SourceKind for what in (Variables, Files)),
    )
}
FILE = "file"
"""``file(path)``: read through the loader that the evaluation was given."""
