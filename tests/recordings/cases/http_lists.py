"""Lists and watches over HTTP: selectors, pages, versions, tables, bookmarks."""

from tests.recordings.cases.barriers import barrier
from tests.recordings.cases.configs import config_map
from tests.recordings.step import MERGE, PARTIAL_LIST, TABLE, Group, Probe

_B = "/apis/konductor.io/v1/namespaces/{ns}/barriers"
_C = "/api/v1/namespaces/{ns}/configmaps"
_WATCH = f"{_B}?watch=true&timeoutSeconds=1"
_INITIAL = "sendInitialEvents=true&allowWatchBookmarks=true"

LISTS = Group(
    "lists",
    (
        Probe("an empty list", "GET", _B),
        Probe("the first", "POST", _B, barrier("a", labels={"x": "1"}), keep="a"),
        Probe("the second", "POST", _B, barrier("b", labels={"x": "2", "y": ""}), keep="b"),
        Probe("the third", "POST", _B, barrier("c"), keep="c"),
        Probe("all", "GET", _B, keep="list"),
        Probe("by equality", "GET", f"{_B}?labelSelector=x%3D1"),
        Probe("by two signs", "GET", f"{_B}?labelSelector=x%3D%3D1"),
        Probe("by inequality", "GET", f"{_B}?labelSelector=x!%3D1"),
        Probe("by a set", "GET", f"{_B}?labelSelector=x+in+(1,2),y"),
        Probe("by no set", "GET", f"{_B}?labelSelector=x+notin+(1)"),
        Probe("by existence", "GET", f"{_B}?labelSelector=y"),
        Probe("by absence", "GET", f"{_B}?labelSelector=!x"),
        Probe("by an unreadable selector", "GET", f"{_B}?labelSelector=x+in+1"),
        Probe("by an ill value", "GET", f"{_B}?labelSelector=x%3Da+b"),
        Probe("by name", "GET", f"{_B}?fieldSelector=metadata.name%3Db"),
        Probe("by no name", "GET", f"{_B}?fieldSelector=metadata.name!%3Db"),
        Probe("by an unknown field", "GET", f"{_B}?fieldSelector=spec.expected%3D3"),
        Probe("by an unreadable field", "GET", f"{_B}?fieldSelector=metadata.name"),
        Probe("the first page", "GET", f"{_B}?limit=2", keep="page"),
        Probe("the second page", "GET", f"{_B}?limit=2&continue={{kept:page.continue}}"),
        Probe("a page by label", "GET", f"{_B}?limit=1&labelSelector=x"),
        Probe("an ill page", "GET", f"{_B}?limit=2&continue=nonsense"),
        Probe("an ill limit", "GET", f"{_B}?limit=x"),
        Probe("at any version", "GET", f"{_B}?resourceVersion=0"),
        Probe(
            "at exactly a version",
            "GET",
            f"{_B}?resourceVersion={{kept:list}}&resourceVersionMatch=Exact",
        ),
        Probe(
            "not older than",
            "GET",
            f"{_B}?resourceVersion={{kept:b}}&resourceVersionMatch=NotOlderThan",
        ),
        Probe("at an ill version", "GET", f"{_B}?resourceVersion=x"),
        Probe("matching without a version", "GET", f"{_B}?resourceVersionMatch=Exact"),
        Probe("matching unheard of", "GET", f"{_B}?resourceVersion=1&resourceVersionMatch=Nearly"),
        Probe("as a table", "GET", _B, headers={"Accept": TABLE}),
        Probe(
            "as a table of whole objects",
            "GET",
            f"{_B}?includeObject=Object&limit=1",
            headers={"Accept": TABLE},
        ),
        Probe(
            "as a table of nothing",
            "GET",
            f"{_B}?includeObject=None&limit=1",
            headers={"Accept": TABLE},
        ),
        Probe("in part", "GET", _B, headers={"Accept": PARTIAL_LIST}),
        Probe("watch from a version", "GET", f"{_WATCH}&resourceVersion={{kept:a}}"),
        Probe("watch from any version", "GET", f"{_WATCH}&resourceVersion=0"),
        Probe("watch from now", "GET", _WATCH),
        Probe(
            "watch one",
            "GET",
            f"{_WATCH}&resourceVersion={{kept:a}}&fieldSelector=metadata.name%3Dc",
        ),
        Probe("watch by label", "GET", f"{_WATCH}&resourceVersion=0&labelSelector=x"),
        Probe(
            "it leaves the label", "PATCH", f"{_B}/b", {"metadata": {"labels": {"x": None}}}, MERGE
        ),
        Probe(
            "it enters the label", "PATCH", f"{_B}/c", {"metadata": {"labels": {"x": "3"}}}, MERGE
        ),
        Probe(
            "watch what left and entered",
            "GET",
            f"{_WATCH}&resourceVersion={{kept:c}}&labelSelector=x",
        ),
        Probe("it goes", "DELETE", f"{_B}/a"),
        Probe("watch it go", "GET", f"{_WATCH}&resourceVersion={{kept:c}}"),
        Probe("watch from long ago", "GET", f"{_WATCH}&resourceVersion=1"),
        Probe("watch from an ill version", "GET", f"{_WATCH}&resourceVersion=x"),
        Probe(
            "watch as a table",
            "GET",
            f"{_WATCH}&resourceVersion={{kept:b}}",
            headers={"Accept": TABLE},
        ),
        Probe(
            "watch the list first", "GET", f"{_WATCH}&{_INITIAL}&resourceVersionMatch=NotOlderThan"
        ),
        Probe("watch the list without a match", "GET", f"{_WATCH}&{_INITIAL}"),
        Probe("a built-in list", "POST", _C, config_map("m")),
        Probe("a list of maps by name", "GET", f"{_C}?fieldSelector=metadata.name%3Dm"),
        Probe("a list of maps by an unknown field", "GET", f"{_C}?fieldSelector=data%3Dm"),
        Probe(
            "maps as a table",
            "GET",
            f"{_C}?fieldSelector=metadata.name%3Dm",
            headers={"Accept": TABLE},
        ),
        Probe(
            "pods of everywhere by node",
            "GET",
            "/api/v1/pods?fieldSelector=spec.nodeName%3Drec-nowhere",
        ),
    ),
)
