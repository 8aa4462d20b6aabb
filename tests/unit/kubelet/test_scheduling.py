from __future__ import annotations

from typing import Any

import pytest

from konductor.runner.local.kubelet.scheduling import asks_of_node, fits, is_gated

from .conftest import make_pod

NODE = {"metadata": {"name": "local", "labels": {"disk": "ssd", "cores": "8"}}}


def affine(*terms: Any) -> dict[str, Any]:
    required = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}
    }
    return {"affinity": {"nodeAffinity": required}}


def term(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def test_pod_that_asks_for_nothing_fits() -> None:
    assert not asks_of_node(make_pod())
    assert fits(make_pod(), NODE)
    assert not is_gated(make_pod())


def test_gate_holds_a_pod() -> None:
    assert is_gated(make_pod(schedulingGates=[{"name": "konductor.io/db"}]))


def test_every_label_of_the_selector_must_be_there() -> None:
    assert asks_of_node(make_pod(nodeSelector={"disk": "ssd"}))
    assert fits(make_pod(nodeSelector={"disk": "ssd"}), NODE)
    assert not fits(make_pod(nodeSelector={"disk": "hdd"}), NODE)
    assert not fits(make_pod(nodeSelector={"disk": "ssd", "gpu": "a"}), NODE)


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (term("disk", "In", "ssd", "nvme"), True),
        (term("disk", "In", "hdd"), False),
        (term("disk", "NotIn", "hdd"), True),
        (term("disk", "NotIn", "ssd"), False),
        (term("disk", "Exists"), True),
        (term("gpu", "Exists"), False),
        (term("gpu", "DoesNotExist"), True),
        (term("disk", "DoesNotExist"), False),
        (term("cores", "Gt", "4"), True),
        (term("cores", "Gt", "8"), False),
        (term("cores", "Lt", "16"), True),
        (term("disk", "Gt", "4"), False),
        (term("cores", "Gt"), False),
        (term("gpu", "Gt", "1"), False),
        ({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["local"]}]}, True),
        ({}, False),
    ],
)
def test_affinity_is_read_as_kubernetes_reads_it(asked: dict[str, Any], holds: bool) -> None:  # noqa: FBT001  # a column
    assert asks_of_node(make_pod(**affine(asked)))
    assert fits(make_pod(**affine(asked)), NODE) is holds


def test_one_term_is_enough() -> None:
    assert fits(make_pod(**affine(term("gpu", "Exists"), term("disk", "Exists"))), NODE)
