"""Where the local API server differs from a real one, and why that is so.

The list may only shrink; the test fails for an entry that has become equal.
"""

_PARSER = "the same refusal, in the words of another parser"
_APPLY = "the list of patch types has no server-side apply, which is not there yet"
_PRINTED = "the real message prints the whole object as Go writes it; ours says what is wrong in it"
_REVIEW = "reviews and token requests are answered, but not yet judged"
_TEXT = "an unknown path is a Status here, and plain text there"
_NO_REASON = "a patch that fails is an InternalError here, and has no reason there"

KNOWN: dict[str, str] = {
    "barriers: strategic-patch": _APPLY,
    "pods: logs of what does not run": "without a node the real server has no logs and no error",
    "cluster: describe a namespace": "there are neither quotas nor limit ranges",
    "cluster: a review of access": _REVIEW,
    "cluster: a review of nothing": _REVIEW,
    "cluster: a token for too short": _REVIEW,
    "cluster: no such group": _TEXT,
    "cluster: no such version": _TEXT,
    "cluster: no such resource": _TEXT,
    "cluster: a method that is not there": "PUT on a collection asks for a name before it says no",
    "objects: create of another version": "a refused object gives no warnings, either",
    "objects: create without a kind": _PRINTED,
    "objects: create from nothing": _PARSER,
    "objects: create from no JSON": _PARSER,
    "objects: create a status": "another 405, with the same code",
    "objects: delete by two policies": "delete options are not yet judged",
    "objects: delete at a negative grace": "the object is gone by then, see the step before",
    "objects: bind it to nowhere": "a binding is not yet judged",
    "objects: delete the bound pod at once": "answered with a Status instead of the pod",
    "patches: merge no JSON": _PARSER,
    "patches: merge an unknown field strictly": _PRINTED,
    "patches: strategic on a custom one": _APPLY,
    "patches: of an unknown content type": _APPLY,
    "patches: strategic of an unknown directive": _NO_REASON,
    "patches: strategic of a wrong type": _PRINTED,
    "patches: merge a wrong type into a map": _PRINTED,
    "patches: an unknown field of a map strictly": _PRINTED,
    "patches: strategic without a merge key": _NO_REASON,
    "lists: an ill page": _PARSER,
    "lists: watch from long ago": "version 1 is not long ago to a server that has just begun",
    "validation: a fraction": "the real server tells the same twice",
    "validation: an unknown field strictly": "told in another order",
}
