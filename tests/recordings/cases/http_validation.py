"""What objects are refused for over HTTP: types, unknown fields, rules, of both sorts of kinds."""

from typing import Any

from tests.recordings.cases.barriers import barrier
from tests.recordings.cases.configs import config_map, secret
from tests.recordings.cases.jobs import job
from tests.recordings.cases.pods import CONTAINER, pod
from tests.recordings.step import Group, Probe

_B = "/apis/konductor.io/v1/namespaces/{ns}/barriers"
_A = "/apis/konductor.io/v1/namespaces/{ns}/arrivals"
_C = "/api/v1/namespaces/{ns}/configmaps"
_S = "/api/v1/namespaces/{ns}/secrets"
_P = "/api/v1/namespaces/{ns}/pods"
_J = "/apis/batch/v1/namespaces/{ns}/jobs"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_STRICT, _IGNORE = "?dryRun=All&fieldValidation=Strict", "?dryRun=All&fieldValidation=Ignore"
_TWICE = (
    '{"apiVersion":"konductor.io/v1","kind":"Barrier","metadata":{"name":"t"},'
    '"spec":{"expected":1,"expected":2}}'
)


def _definition(**schema: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "toys.rec.example.com"},
        "spec": {
            "group": "rec.example.com",
            "scope": "Namespaced",
            "names": {"plural": "toys", "kind": "Toy"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", **schema}},
                }
            ],
        },
    }


def _arrival(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "konductor.io/v1",
        "kind": "Arrival",
        "metadata": {"name": "x"},
        "spec": {"barrier": "a", "barrierUID": "u", "participant": "p", **spec},
    }


VALIDATION = Group(
    "validation",
    (
        Probe("no spec", "POST", _B, {**barrier("x"), "spec": None}),
        Probe("a spec that is text", "POST", _B, {**barrier("x"), "spec": "x"}),
        Probe("an empty spec", "POST", _B, {**barrier("x"), "spec": {}}),
        Probe("too few", "POST", _B, barrier("x", expected=0)),
        Probe("too many", "POST", _B, barrier("x", expected=1000001)),
        Probe("a fraction", "POST", _B, barrier("x", expected=1.5)),
        Probe(
            "a whole fraction",
            "POST",
            f"{_B}?dryRun=All",
            '{"apiVersion":"konductor.io/v1","kind":"Barrier","metadata":{"name":"w"},"spec":{"expected":2.0}}',
        ),
        Probe("text for a number", "POST", _B, barrier("x", expected="3")),
        Probe("null for a number", "POST", _B, barrier("x", expected=None)),
        Probe("a list for a number", "POST", _B, barrier("x", expected=[])),
        Probe("a broken pattern", "POST", _B, barrier("x", timeout="soon")),
        Probe("too long a text", "POST", _B, barrier("x", timeout="1" * 40 + "s")),
        Probe("a broken rule", "POST", _B, barrier("x", quorum=4)),
        Probe("a broken rule of a text", "POST", _B, barrier("x", timeout="0s")),
        Probe(
            "an enumeration",
            "POST",
            _B,
            barrier("x", after=[{"barriers": ["a"], "require": "Shut"}]),
        ),
        Probe("an empty list", "POST", _B, barrier("x", after=[{"barriers": []}])),
        Probe("twice in a set", "POST", _B, barrier("x", after=[{"barriers": ["a", "a"]}])),
        Probe("missing within a list", "POST", _B, barrier("x", after=[{}])),
        Probe(
            "a default within a list",
            "POST",
            f"{_B}?dryRun=All",
            barrier("x", after=[{"barriers": ["a"]}]),
        ),
        Probe(
            "much wrong",
            "POST",
            _B,
            barrier("x", expected=0, quorum=0, after=[{"barriers": [], "atLeast": 0}]),
        ),
        Probe("too long a name", "POST", _B, barrier("n" * 64)),
        Probe("an ill name", "POST", _B, barrier("A_b")),
        Probe("an unknown field", "POST", f"{_B}?dryRun=All", barrier("x", bogus=1)),
        Probe(
            "an unknown field strictly",
            "POST",
            f"{_B}{_STRICT}",
            {**barrier("x", bogus=1), "more": 2},
        ),
        Probe("an unknown field ignored", "POST", f"{_B}{_IGNORE}", barrier("x", bogus=1)),
        Probe(
            "an unknown field of metadata",
            "POST",
            f"{_B}{_STRICT}",
            {**barrier("x"), "metadata": {"name": "x", "bogus": 1}},
        ),
        Probe("a field twice", "POST", f"{_B}?dryRun=All", _TWICE),
        Probe("a field twice strictly", "POST", f"{_B}{_STRICT}", _TWICE),
        Probe("an ill field validation", "POST", f"{_B}?fieldValidation=Nearly", barrier("x")),
        Probe("an arrival", "POST", f"{_A}?dryRun=All", _arrival()),
        Probe("an arrival of nobody", "POST", _A, _arrival(participant="")),
        Probe("an arrival with an odd outcome", "POST", _A, _arrival(outcome="Late")),
        Probe("a map of numbers", "POST", _C, config_map("x", data={"a": 1})),
        Probe("a map that is a list", "POST", _C, config_map("x", data=[])),
        Probe("a map with an unknown field", "POST", f"{_C}?dryRun=All", config_map("x", bogus=1)),
        Probe(
            "a map with an unknown field strictly",
            "POST",
            f"{_C}{_STRICT}",
            config_map("x", bogus=1),
        ),
        Probe("a map with an ill key", "POST", _C, config_map("x", data={"a b": "c"})),
        Probe(
            "a map with a key twice",
            "POST",
            _C,
            config_map("x", data={"a": "c"}, binaryData={"a": "YQ=="}),
        ),
        Probe("an empty map", "POST", f"{_C}?dryRun=All", config_map("x", data={})),
        Probe("a secret that is no base64", "POST", _S, secret("x", data={"a": "%"})),
        Probe(
            "a secret in plain text",
            "POST",
            f"{_S}?dryRun=All",
            secret("x", stringData={"a": "b"}, data={"a": "eA=="}),
        ),
        Probe("a job without a template", "POST", _J, {**job("x"), "spec": {}}),
        Probe(
            "a job that always restarts",
            "POST",
            _J,
            job("x", template={"spec": {"restartPolicy": "Always", "containers": [CONTAINER]}}),
        ),
        Probe(
            "a job much wrong",
            "POST",
            _J,
            job("x", parallelism=-1, backoffLimit=-1, completionMode="Odd"),
        ),
        Probe("a job with text for a number", "POST", _J, job("x", parallelism="x")),
        Probe(
            "a job with a foreign selector",
            "POST",
            _J,
            job("x", selector={"matchLabels": {"a": "b"}}),
        ),
        Probe("a job with a dotted name", "POST", f"{_J}?dryRun=All", job("a.b")),
        Probe(
            "a job with a success policy",
            "POST",
            _J,
            job("x", successPolicy={"rules": [{"succeededCount": 1}]}),
        ),
        Probe(
            "a job with a failure policy",
            "POST",
            _J,
            job("x", podFailurePolicy={"rules": [{"action": "Odd"}]}),
        ),
        Probe("a pod without anything", "POST", _P, {**pod("x"), "spec": {}}),
        Probe(
            "a pod much wrong",
            "POST",
            _P,
            pod(
                "x", restartPolicy="Odd", dnsPolicy="Odd", containers=[{"name": "A_b", "image": ""}]
            ),
        ),
        Probe(
            "a pod with an odd variable",
            "POST",
            _P,
            pod(
                "x",
                containers=[
                    {
                        **CONTAINER,
                        "env": [{"name": "", "value": "x"}, {"name": "A", "valueFrom": {}}],
                    }
                ],
            ),
        ),
        Probe("a pod with a list for a map", "POST", _P, pod("x", nodeSelector=[])),
        Probe(
            "a pod with odd volumes",
            "POST",
            _P,
            pod(
                "x",
                volumes=[{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}, {"name": "v"}],
            ),
        ),
        Probe(
            "a pod that asks too much",
            "POST",
            _P,
            pod(
                "x",
                containers=[
                    {**CONTAINER, "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}
                ],
            ),
        ),
        Probe(
            "a definition without a type",
            "POST",
            f"{_CRDS}?dryRun=All",
            _definition(properties={"spec": {}}),
        ),
        Probe(
            "a definition with another name",
            "POST",
            f"{_CRDS}?dryRun=All",
            {**_definition(), "metadata": {"name": "other.rec.example.com"}},
        ),
        Probe(
            "a definition with an ill rule",
            "POST",
            f"{_CRDS}?dryRun=All",
            _definition(**{"x-kubernetes-validations": [{"rule": "self.nope ==", "message": "x"}]}),
        ),
    ),
)
