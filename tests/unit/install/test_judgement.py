import copy
from typing import Any

import pytest

from konductor.errors import KonductorError
from konductor.install.installation import Installation
from konductor.install.judgement import Step, judge, takeovers
from konductor.install.objects import objects

OBJECTS = {(one["kind"], one["metadata"]["name"]): one for one in objects(Installation())}
NAME = "barriers.konductor.io"
BARRIERS = OBJECTS["CustomResourceDefinition", NAME]


def stored(document: Any, **labels: str) -> Any:
    there = copy.deepcopy(document)
    there["metadata"]["labels"] = labels
    return there


def stranger() -> Any:
    there = stored(BARRIERS)
    schema = there["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["colour"] = {"type": "string"}
    return there


def test_nothing_stands_in_the_way_of_a_first_installation() -> None:
    judge(tuple(map(Step, OBJECTS.values())), adopt=False)


def test_our_own_is_never_in_the_way() -> None:
    theirs = stranger()
    theirs["metadata"]["labels"] = {"app.kubernetes.io/name": "koncli"}
    judge((Step(BARRIERS, theirs),), adopt=False)


def test_same_kind_by_other_means_is_not_in_the_way() -> None:
    judge((Step(BARRIERS, stored(BARRIERS)),), adopt=False)


def test_kind_of_others_is_refused_with_what_would_change() -> None:
    with pytest.raises(KonductorError) as raised:
        judge((Step(BARRIERS, stranger()),), adopt=False)
    assert "barriers.konductor.io` is there already" in raised.value.message
    assert "spec.properties.colour: {'type': 'string'} would go" in raised.value.message
    assert "--adopt" in raised.value.hint


def test_several_objects_of_others_are_named_at_once() -> None:
    steps = []
    for key in (("ClusterRole", "konductor-view"), ("ClusterRole", "konductor-edit")):
        there = stored(OBJECTS[key])
        there["rules"] = []
        steps.append(Step(OBJECTS[key], there))
    with pytest.raises(KonductorError, match=r"konductor-edit` are there|konductor-view`, "):
        judge(tuple(steps), adopt=False)


def test_long_lists_of_changes_are_cut() -> None:
    there = stored(BARRIERS)
    there["spec"] = {}
    binding = OBJECTS["ClusterRole", "konductor-operator"]
    other = stored(binding)
    other["rules"] = [{"verbs": ["a"], "apiGroups": ["b"], "resources": ["c"]}] * len(
        binding["rules"]
    )
    steps = Step(BARRIERS, there), Step(binding, other)
    with pytest.raises(KonductorError, match=r"… and \d+ more"):
        judge(steps, adopt=False)


def test_adopting_takes_over_and_says_what() -> None:
    steps = (Step(BARRIERS, stranger()),)
    judge(steps, adopt=True)
    (line,) = takeovers(steps)
    assert line.startswith("customresourcedefinition.apiextensions.k8s.io/barriers.konductor.io: ")


def test_newer_storage_is_refused_even_when_adopting() -> None:
    there = stranger()
    there["status"] = {"storedVersions": ["v1", "v2"]}
    with pytest.raises(KonductorError, match="at version v2, which this koncli does not know"):
        judge((Step(BARRIERS, there),), adopt=True)


def test_newer_storage_version_is_refused_before_anything_is_stored_at_it() -> None:
    there = stored(BARRIERS)
    there["spec"]["versions"][0]["storage"] = False
    there["spec"]["versions"].append({"name": "v3", "storage": True})
    with pytest.raises(KonductorError, match="v3"):
        judge((Step(BARRIERS, there),), adopt=True)


@pytest.mark.parametrize("key", [("Namespace", "konductor-system"), (BARRIERS["kind"], NAME)])
def test_what_is_being_deleted_is_waited_for_by_hand(key: tuple[str, str]) -> None:
    there = copy.deepcopy(OBJECTS[key])
    there["metadata"]["deletionTimestamp"] = "2026-11-24T08:00:00Z"
    with pytest.raises(KonductorError, match="is being deleted, with all that is in it"):
        judge((Step(OBJECTS[key], there),), adopt=True)


def test_second_operator_of_a_cluster_is_refused_wherever_it_would_be() -> None:
    binding = OBJECTS["ClusterRoleBinding", "konductor-operator"]
    there = copy.deepcopy(binding)
    judge((Step(binding, there),), adopt=False)
    there["subjects"][0]["namespace"] = "elsewhere"
    with pytest.raises(KonductorError, match="in namespace `elsewhere`"):
        judge((Step(binding, there),), adopt=True)


def test_namespace_of_others_is_kept_as_it_is() -> None:
    namespace = OBJECTS["Namespace", "konductor-system"]
    step = Step(namespace, stored(namespace))
    judge((step,), adopt=False)
    assert step.is_kept
    assert not Step(namespace).is_kept
    assert not list(takeovers((step,)))
