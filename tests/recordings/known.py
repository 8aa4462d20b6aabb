"""Where the local API server differs from a real one, and why that is so.

The list may only shrink; the test fails for an entry that has become equal.
"""

_PARSER = "the same refusal, in the words of another parser"
_APPLY = "the list of patch types has no server-side apply, which is not there yet"
_PRINTED = "the real message prints the whole object as Go writes it; ours says what is wrong in it"

KNOWN: dict[str, str] = {
    "barriers: strategic-patch": _APPLY,
    "cluster: describe a namespace": "there are neither quotas nor limit ranges",
    "objects: create of another version": "a refused object gives no warnings, either",
    "patches: merge an unknown field strictly": _PRINTED,
    "patches: strategic on a custom one": _APPLY,
    "patches: of an unknown content type": _APPLY,
    "patches: strategic of a wrong type": _PRINTED,
    "patches: merge a wrong type into a map": _PRINTED,
    "patches: an unknown field of a map strictly": _PRINTED,
    "lists: an ill page": _PARSER,
    "lists: watch from long ago": "version 1 is not long ago to a server that has just begun",
}

_VERSIONED = "the message prints the object with its resource version"
VARIES: dict[str, str] = {
    "cluster: resources of a group": "in the order in which the kinds became known",
    "patches: merge an unknown field strictly": _VERSIONED,
    "patches: merge a wrong type into a map": _VERSIONED,
    "patches: an unknown field of a map strictly": _VERSIONED,
    "lists: watch from long ago": "version 1 is forgotten sooner or later",
    "validation: much wrong": "the errors come in the order of a Go map",
}
"""Where the real server differs from itself; its code stays the same."""
