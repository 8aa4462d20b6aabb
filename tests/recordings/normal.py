"""Makes two servers' answers comparable: what differs by nature becomes a placeholder.

uids, resource versions, times, ages, addresses and generated names differ by nature. So do the Go
values that the real server prints into some messages, and managedFields, which are told apart from
the rest so that the local server's lack of them stays a single known difference.
"""

import json
import re
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LONG_TIME = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_AGE = re.compile(
    r"(?<![\w.-])(?:(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+s|\d+m|(?:\d+y)?\d+d(?:\d+h)?|\d+y)(?![\w.])"
)
_SERVER = re.compile(r"https://(?:127\.0\.0\.1|localhost|\[::1\]):\d+")
_VERSION = re.compile(r"(resource ?version:?\"?[ :=]+\"?)(?!0\b)\d+", re.IGNORECASE)
_GENERATED = re.compile(r"\b(gen-)[a-z0-9]{5}\b")
_STRUCT = re.compile(r"Invalid value: \{\"\w.*?\}: (?=field is immutable)")
_DIFF = re.compile(
    r"(if it was previously negative\)|for bound claims)\\?n?\s*(?:\\n|\n)?@@.*", re.DOTALL
)
_RECORD = re.compile(r"(in record \()\d+")
_GAP = re.compile(r"(?<=\S) {2,}")
_PORT = re.compile(r"127\.0\.0\.1:\d+")
_DROPPED = ("managedFields", "storageVersionHash")
"""The second is for storage migrations, of which a local cluster has none."""
_STAMPS = ("resourceVersion", "continue", "hash", "serverAddress")


def text(found: str, namespace: str) -> str:
    """Return what a command printed, made comparable."""
    found = found.replace(namespace, "<ns>")
    for pattern, replacement in _TEXT:
        found = pattern.sub(replacement, found)
    lines = [_GAP.sub("  ", line.rstrip()) for line in found.splitlines()]
    return "\n".join(lines)


def value(found: Any, namespace: str) -> Any:  # JSON
    """Return a JSON answer, made comparable."""
    if isinstance(found, dict):
        return {
            key: _stamp(key, item, namespace)
            for key, item in sorted(found.items())
            if key not in _DROPPED
        }
    if isinstance(found, list):
        return [value(item, namespace) for item in found]
    return text(found, namespace) if isinstance(found, str) else found


def _stamp(key: str, item: Any, namespace: str) -> Any:  # JSON
    if key in _STAMPS and isinstance(item, str) and item not in ("", "0"):
        return f"<{key}>"
    return value(item, namespace)


def stream(found: str, namespace: str) -> list[Any]:
    """Return the events of a watch, made comparable."""
    return [value(json.loads(line), namespace) for line in found.splitlines() if line]


_TEXT = (
    (_UUID, "<uid>"),
    (_TIME, "<time>"),
    (_LONG_TIME, "<time>"),
    (_SERVER, "<server>"),
    (_PORT, "<server>"),
    (_VERSION, r"\1<version>"),
    (_RECORD, r"\1<version>"),
    (_GENERATED, r"\1<name>"),
    (_STRUCT, "Invalid value: <value>: "),
    (_DIFF, r"\1"),
    (_AGE, "<age>"),
)
