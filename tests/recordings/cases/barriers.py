"""Barriers with kubectl: all that a person does with a custom resource."""

from typing import Any

from tests.recordings.step import Group, Kubectl


def barrier(name: str, /, *, labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """Return a Barrier's manifest."""
    metadata: dict[str, Any] = {"name": name}
    if labels:
        metadata["labels"] = labels
    return {
        "apiVersion": "konductor.io/v1",
        "kind": "Barrier",
        "metadata": metadata,
        "spec": {"expected": 3, **spec},
    }


_OPEN = (
    '{"status":{"phase":"Open","arrived":3,"progress":"3/3","quorum":3,'
    '"startedAt":"2026-01-01T00:00:00Z","conditions":[{"type":"Open","status":"True",'
    '"reason":"QuorumReached","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}'
)

BARRIERS = Group(
    "barriers",
    (
        Kubectl("nothing is there", "get barriers"),
        Kubectl("get what is not there", "get barrier nope"),
        Kubectl("apply a new one", "apply -f -", barrier("a", quorum=2, labels={"run": "r1"})),
        Kubectl("apply it unchanged", "apply -f -", barrier("a", quorum=2, labels={"run": "r1"})),
        Kubectl("apply it changed", "apply -f -", barrier("a", quorum=3, labels={"run": "r1"})),
        Kubectl("apply and show", "apply -o yaml -f -", barrier("a", labels={"run": "r1"})),
        Kubectl("apply in a dry run", "apply --dry-run=server -f -", barrier("d")),
        Kubectl("a dry run stored nothing", "get barrier d"),
        Kubectl("apply two", "apply -f -", [barrier("b", labels={"run": "r1"}), barrier("c")]),
        Kubectl("create one", "create -f -", barrier("e", timeout="90s")),
        Kubectl("create it again", "create -f -", barrier("e")),
        Kubectl("list", "get barriers"),
        Kubectl("list by short name", "get bar"),
        Kubectl("list by kind and group", "get barriers.v1.konductor.io"),
        Kubectl("list wide", "get barriers -o wide"),
        Kubectl("list with labels", "get barriers --show-labels"),
        Kubectl("list a label column", "get barriers -L run"),
        Kubectl("list without headers", "get barriers --no-headers"),
        Kubectl("list names", "get barriers -o name"),
        Kubectl("list by label", "get barriers -l run=r1"),
        Kubectl("list by labels", "get barriers -l 'run in (r1,r2),run!=x'"),
        Kubectl("list without a label", "get barriers -l '!run'"),
        Kubectl("list by an unreadable label", "get barriers -l 'a b'"),
        Kubectl("list by field", "get barriers --field-selector metadata.name=b"),
        Kubectl("list by an unknown field", "get barriers --field-selector spec.expected=3"),
        Kubectl("list in chunks", "get barriers --chunk-size=1"),
        Kubectl("list sorted", "get barriers --sort-by=.metadata.name"),
        Kubectl("list by category", "get konductor"),
        Kubectl("list as JSON", "get barriers -o json"),
        Kubectl("list an expression", "get barriers -o 'jsonpath={.items[*].metadata.name}'"),
        Kubectl(
            "list own columns",
            "get barriers -o custom-columns=NAME:.metadata.name,QUORUM:.spec.quorum",
        ),
        Kubectl("get one", "get barrier a"),
        Kubectl("get two", "get barrier a b"),
        Kubectl("get one as YAML", "get barrier a -o yaml"),
        Kubectl("get one as JSON", "get barrier a -o json"),
        Kubectl("get an expression", "get barrier a -o 'jsonpath={.spec.expected}'"),
        Kubectl("get a template", "get barrier a -o 'go-template={{.metadata.name}}'"),
        Kubectl("get with an unknown kind", "get widgets"),
        Kubectl("describe", "describe barrier a"),
        Kubectl("describe what is not there", "describe barrier nope"),
        Kubectl("explain", "explain barrier"),
        Kubectl("explain a field", "explain barrier.spec.quorum"),
        Kubectl("explain recursively", "explain barrier.spec --recursive"),
        Kubectl("explain an unknown field", "explain barrier.spec.bogus"),
        Kubectl("label", "label barrier a x=y"),
        Kubectl("label again", "label barrier a x=z"),
        Kubectl("label over", "label barrier a x=z --overwrite"),
        Kubectl("take a label off", "label barrier a x-"),
        Kubectl("label badly", "label barrier a 'x=a b'"),
        Kubectl("annotate", "annotate barrier a note=hello"),
        Kubectl("merge-patch", 'patch barrier a --type=merge -p \'{"spec":{"quorum":1}}\''),
        Kubectl("merge-patch nothing", "patch barrier a --type=merge -p '{}'"),
        Kubectl(
            "JSON-patch",
            'patch barrier a --type=json -p \'[{"op":"replace","path":"/spec/quorum","value":2}]\'',
        ),
        Kubectl(
            "JSON-patch what is not there",
            'patch barrier a --type=json -p \'[{"op":"remove","path":"/spec/nope"}]\'',
        ),
        Kubectl("strategic-patch", 'patch barrier a -p \'{"spec":{"quorum":1}}\''),
        Kubectl("patch badly", 'patch barrier a --type=merge -p \'{"spec":{"quorum":9}}\''),
        Kubectl("patch what is not there", "patch barrier nope --type=merge -p '{}'"),
        Kubectl("replace", "replace -f -", barrier("b", expected=4)),
        Kubectl("replace what is not there", "replace -f -", barrier("nope")),
        Kubectl("replace by force", "replace --force -f -", barrier("c", expected=5)),
        Kubectl("scale", "scale barrier a --replicas=2"),
        Kubectl("create without a name", "create -f -", {**barrier("x"), "metadata": {}}),
        Kubectl("create too few", "create -f -", barrier("x", expected=0)),
        Kubectl(
            "create much wrong", "create -f -", barrier("x", expected=0, quorum=0, timeout="1")
        ),
        Kubectl("create against a rule", "create -f -", barrier("x", expected=2, quorum=3)),
        Kubectl("create with an unknown field", "create -f -", barrier("x", bogus=1)),
        Kubectl("create it unvalidated", "create --validate=ignore -f -", barrier("x", bogus=1)),
        Kubectl("create it with a warning", "create --validate=warn -f -", barrier("y", bogus=1)),
        Kubectl("create with a wrong type", "create -f -", barrier("z", expected="three")),
        Kubectl("create with a bad name", "create -f -", barrier("A_b")),
        Kubectl(
            "status by patch", f"patch barrier a --subresource=status --type=merge -p '{_OPEN}'"
        ),
        Kubectl("get an open one", "get barrier a"),
        Kubectl("get an open one wide", "get barrier a -o wide"),
        Kubectl("wait for what has been", "wait barrier/a --for=condition=Open --timeout=5s"),
        Kubectl("wait in vain", "wait barrier/b --for=condition=Open --timeout=1s"),
        Kubectl(
            "wait for a value", "wait barrier/a --for=jsonpath={.status.phase}=Open --timeout=5s"
        ),
        Kubectl(
            "wait for what is not there", "wait barrier/nope --for=condition=Open --timeout=1s"
        ),
        Kubectl(
            "break a rule of transition",
            'patch barrier a --type=merge -p \'{"spec":{"expected":9}}\'',
        ),
        Kubectl("watch for a second", "get barriers -w --request-timeout=1s"),
        Kubectl("delete in a dry run", "delete barrier a --dry-run=server"),
        Kubectl("delete", "delete barrier a"),
        Kubectl("delete again", "delete barrier a"),
        Kubectl("delete and do not mind", "delete barrier a --ignore-not-found"),
        Kubectl("delete by label", "delete barriers -l run=r1"),
        Kubectl("delete all", "delete barriers --all"),
        Kubectl("wait for the deleted", "wait barrier/a --for=delete --timeout=1s"),
        Kubectl("all are gone", "get barriers"),
    ),
)
