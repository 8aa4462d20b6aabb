"""Plan to manifests, by what semantics.md 3 and 4 and docs/design.md say of them."""

import base64
import gzip
import json
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from konductor.api.meta import Json
from konductor.dsl.emit import emit, write_yaml
from konductor.dsl.emit.pod import cpu_text
from konductor.dsl.emit.text import literal
from konductor.dsl.plan import (
    Cell,
    ClaimedVolume,
    Command,
    Edge,
    EdgeKind,
    EmptyVolume,
    Gate,
    Hooks,
    Item,
    OnFail,
    Parameter,
    Placeholder,
    Plan,
    RawBarrier,
    Resources,
    Retries,
    Script,
    SecretKey,
    Stage,
    StageKind,
    Stragglers,
    Text,
)

SHELL = ("/bin/sh", "-ec")
CELL = Cell(5, "a:1", Script("true\n", SHELL))
STAGE = Stage("extract", StageKind.STAGE, (CELL,), 5, 5, 5)
PLAN = Plan("etl", "pipeline etl {}\n", "etl.kon", "sha256:1", stages=(STAGE,))


def emitted(plan: Plan, kind: str, name: str = "r-extract") -> Json:
    return next(
        one for one in emit(plan, "r") if (one["kind"], one["metadata"]["name"]) == (kind, name)
    )


def stage(**changes: Any) -> Stage:
    """Return a stage of one cell; each change is of the stage or of its cell, by its name."""
    of_cell = {one.name for one in fields(Cell)} & changes.keys()
    cell = replace(CELL, **{name: changes.pop(name) for name in of_cell})
    return replace(STAGE, cells=(cell,), **changes)


def job(**changes: Any) -> Json:
    return emitted(replace(PLAN, stages=(stage(**changes),)), "Job")


def pod(manifest: Json) -> Json:
    spec: Json = manifest["spec"]["template"]["spec"]
    return spec


def main(manifest: Json) -> Json:
    container: Json = pod(manifest)["containers"][0]
    return container


def variable(manifest: Json, name: str) -> Json:
    return next(one for one in main(manifest)["env"] if one["name"] == name)


def test_objects_come_in_the_order_in_which_they_are_created() -> None:
    plan = replace(
        PLAN, workspace=EmptyVolume("1Gi"), barriers=(RawBarrier("meet", 2, 2, object_name="x"),)
    )
    assert [f"{one['kind']}/{one['metadata']['name']}" for one in emit(plan, "r")] == [
        "Run/r",
        "ConfigMap/r-program-source-0",
        "ConfigMap/r-program-plan-0",
        "PersistentVolumeClaim/r-workspace",
        "Job/r-extract",
        "Barrier/r-extract",
        "Barrier/x",
    ]


def test_run_says_what_it_was_made_from_and_is_not_ready() -> None:
    plan = replace(
        PLAN,
        parameters=(Parameter("seeds", "list(int)", "[1,2]"),),
        timeout=timedelta(hours=4),
        ttl=timedelta(days=3),
    )
    assert emitted(plan, "Run", "r")["spec"] == {
        "pipeline": "etl",
        "parameters": {"seeds": [1, 2]},
        "digest": "sha256:1",
        "onFailure": "drain",
        "timeout": "4h",
        "ttl": "72h",
        "stages": 1,
        "ready": False,
        "cancel": False,
    }


def test_source_and_plan_are_kept_with_the_run() -> None:
    made = stage(timeout=timedelta(minutes=1), resources=Resources(Decimal("0.5")))
    plan = replace(PLAN, stages=(made,))
    packed = {
        kind: emitted(plan, "ConfigMap", f"r-program-{kind}-0")["binaryData"][f"{kind}.gz"]
        for kind in ("source", "plan")
    }
    texts = {kind: gzip.decompress(base64.b64decode(one)) for kind, one in packed.items()}
    assert texts["source"].decode() == PLAN.source
    assert json.loads(texts["plan"])["stages"][0]["timeout"] == "1m"


def test_a_program_above_the_servers_limit_is_split() -> None:
    noise = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(900_000))
    names = [one["metadata"]["name"] for one in emit(replace(PLAN, source=noise), "r")]
    assert {"r-program-source-0", "r-program-source-1"} <= set(names)


def test_everything_carries_the_runs_labels_and_the_programs_own() -> None:
    plan = replace(PLAN, labels=(("team", "data"),), namespace="jobs")
    for manifest in emit(plan, "r"):
        labels = manifest["metadata"]["labels"]
        assert labels["konductor.io/run"] == "r"
        assert labels["konductor.io/pipeline"] == "etl"
        assert labels["team"] == "data"
        assert manifest["metadata"]["namespace"] == "jobs"


def test_job_and_its_pods_are_known_by_stage_and_barrier() -> None:
    manifest = job(labels=(("a", "b"),), annotations=(("c", "d"),))
    for metadata in (manifest["metadata"], manifest["spec"]["template"]["metadata"]):
        assert metadata["labels"]["konductor.io/stage"] == "extract"
        assert metadata["labels"]["konductor.io/barrier"] == "r-extract"
        assert metadata["labels"]["a"] == "b"
        assert metadata["annotations"] == {"c": "d"}


def test_job_is_indexed_suspended_and_never_deletes_itself() -> None:
    spec = job(quorum=4, parallelism=3, retries=Retries(2))["spec"]
    del spec["template"], spec["podFailurePolicy"]
    assert spec == {
        "suspend": True,
        "completionMode": "Indexed",
        "completions": 5,
        "parallelism": 3,
        "backoffLimitPerIndex": 2,
        "maxFailedIndexes": 1,
        "podReplacementPolicy": "Failed",
    }


def test_gate_init_leaves_jobs_unsuspended() -> None:
    plan = replace(PLAN, gate=Gate.INIT)
    assert emitted(plan, "Job")["spec"]["suspend"] is False
    assert emitted(replace(plan, hooks=Hooks.JOB), "Job")["spec"]["suspend"] is True


def test_cancelled_stragglers_end_the_job_at_quorum() -> None:
    manifest = job(quorum=4, stragglers=Stragglers.CANCEL)
    assert manifest["spec"]["successPolicy"] == {"rules": [{"succeededCount": 4}]}


@pytest.mark.parametrize(("expected", "parallel"), [(100_000, 100_000), (100_001, 10_000)])
def test_parallelism_stays_within_what_the_api_takes(expected: int, parallel: int) -> None:
    manifest = job(replicas=expected, expected=expected, quorum=expected, parallelism=expected)
    assert manifest["spec"]["parallelism"] == parallel


def rules(manifest: Json) -> list[str]:
    return [
        " ".join(
            [
                rule["action"],
                *(
                    f"{codes['containerName']} {codes['operator']} {codes['values']}"
                    for codes in [rule.get("onExitCodes")]
                    if codes
                ),
                *(one["type"] for one in rule.get("onPodConditions", ())),
            ]
        )
        for rule in manifest["spec"]["podFailurePolicy"]["rules"]
    ]


def test_failure_rules_come_in_their_order() -> None:
    assert rules(job(retries=Retries(2, on_exit=(75, 74), not_on_exit=(2,)))) == [
        "Ignore DisruptionTarget",
        "FailJob konductor-wait In [1, 3]",
        "Ignore konductor-wait In [6]",
        "Ignore konductor-arrive In [6]",
        "FailIndex main In [2]",
        "FailIndex main NotIn [74, 75]",
    ]


def test_without_hook_containers_no_rule_names_them() -> None:
    plan = replace(PLAN, hooks=Hooks.JOB)
    assert rules(emitted(plan, "Job")) == ["Ignore DisruptionTarget"]


def test_hooks_of_mode_pod_are_two_containers_and_the_only_ones_with_a_token() -> None:
    spec = pod(emitted(PLAN, "Job"))
    (wait,) = spec["initContainers"]
    _, arrive = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert (wait["name"], wait["command"]) == (
        "konductor-wait",
        ["koncli", "hook", "wait", "r-extract"],
    )
    assert (arrive["name"], arrive["command"]) == (
        "konductor-arrive",
        ["koncli", "hook", "arrive", "r-extract"],
    )
    assert [one["name"] for one in wait["env"]] == [
        "KON_INDEX",
        "KON_PARTICIPANT",
        "KON_POD",
        "KON_NAMESPACE",
    ]
    assert wait["volumeMounts"] == arrive["volumeMounts"]
    assert "volumeMounts" not in main(emitted(PLAN, "Job"))


@pytest.mark.parametrize("place", ["initContainers", "containers"])
def test_hook_containers_are_restricted_and_say_what_they_need(place: str) -> None:
    hook = pod(emitted(PLAN, "Job"))[place][-1]
    security = hook["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["runAsNonRoot"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert set(hook["resources"]) == {"requests", "limits"}


def test_the_hook_image_is_the_callers_choice() -> None:
    manifest = next(one for one in emit(PLAN, "r", hook_image="mine:2") if one["kind"] == "Job")
    assert pod(manifest)["initContainers"][0]["image"] == "mine:2"


def test_mode_job_counts_the_jobs_own_indexes_and_adds_nothing_to_the_pod() -> None:
    plan = replace(PLAN, hooks=Hooks.JOB)
    spec = pod(emitted(plan, "Job"))
    assert "initContainers" not in spec
    assert [one["name"] for one in spec["containers"]] == ["main"]
    assert "volumes" not in spec
    assert emitted(plan, "Barrier")["spec"]["arrivalsFrom"] == {"jobs": ["r-extract"]}
    assert "arrivalsFrom" not in emitted(PLAN, "Barrier")["spec"]


def test_main_learns_who_it_is() -> None:
    manifest = emitted(PLAN, "Job")
    fields = {
        one["name"]: one["valueFrom"]["fieldRef"]["fieldPath"]
        for one in main(manifest)["env"]
        if "valueFrom" in one
    }
    assert fields == {
        "KON_INDEX": "metadata.annotations['batch.kubernetes.io/job-completion-index']",
        "KON_POD": "metadata.name",
        "KON_ATTEMPT": "metadata.annotations['batch.kubernetes.io/job-index-failure-count']",
    }
    assert {one["name"]: one["value"] for one in main(manifest)["env"] if "value" in one} == {
        "KON_RUN": "r",
        "KON_PIPELINE": "etl",
        "KON_STAGE": "extract",
        "KON_REPLICAS": "5",
        "KON_PARTICIPANT": "r-extract-$(KON_INDEX)",
    }


def test_program_variables_are_text_or_a_key_of_a_secret() -> None:
    manifest = job(env=(("A", Text(("$(x)",))), ("B", SecretKey("s", "k"))))
    assert variable(manifest, "A")["value"] == "$$(x)"
    assert variable(manifest, "B")["valueFrom"] == {"secretKeyRef": {"name": "s", "key": "k"}}


def test_a_script_runs_inline_after_the_pipefail_line() -> None:
    command = main(emitted(PLAN, "Job"))["command"]
    assert command[:2] == ["/bin/sh", "-ec"]
    assert command[2] == ("if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\ntrue\n")


def test_an_interpreter_that_is_no_shell_gets_the_script_alone() -> None:
    assert main(job(program=Script("pass\n", ("python3", "-c"))))["command"] == [
        "python3",
        "-c",
        "pass\n",
    ]


def test_a_script_that_names_its_interpreter_is_executed_as_a_file() -> None:
    text = "#!/usr/bin/env python3\npass\n"
    plan = replace(PLAN, stages=(stage(program=Script(text, SHELL)),))
    manifest = emitted(plan, "Job")
    assert main(manifest)["command"] == ["$(KON_SCRIPT)"]
    assert variable(manifest, "KON_SCRIPT")["value"] == "/konductor/script/run"
    assert emitted(plan, "ConfigMap", "r-extract-script")["data"] == {"run": text}
    (volume,) = [one for one in pod(manifest)["volumes"] if one["name"] == "script"]
    assert volume["configMap"] == {"name": "r-extract-script", "defaultMode": 0o755}


def test_a_script_too_long_for_an_argument_is_read_from_its_file() -> None:
    text = "# long\n" * 20_000
    plan = replace(PLAN, stages=(stage(program=Script(text, SHELL)),))
    assert main(emitted(plan, "Job"))["command"] == [*SHELL, '. "$KON_SCRIPT"']
    assert emitted(plan, "ConfigMap", "r-extract-script")["data"]["run"].endswith(text)


def test_a_command_has_its_arguments_and_an_image_may_have_its_own() -> None:
    program = Command((Text(("a", Placeholder.RUN_STATUS)),), (Text(("$$",)),))
    assert main(job(program=program))["command"] == ["a$(KON_RUN_STATUS)"]
    assert main(job(program=program))["args"] == ["$$$$"]
    assert main(job(program=Command(args=(Text(("x",)),))))["args"] == ["x"]
    assert "command" not in main(job(program=None))


ITEMS = (Item("a b", env=(("X", "it's"),)), Item("c", env=(("X", "d"),)))


def test_a_map_over_a_count_knows_its_item_by_its_index() -> None:
    env = (("PART", Text(("part-", Placeholder.ITEM))),)
    manifest = job(kind=StageKind.MAP, env=env)
    assert "fieldRef" in variable(manifest, "KON_ITEM")["valueFrom"]
    assert variable(manifest, "PART")["value"] == "part-$(KON_ITEM)"


def test_a_map_over_a_list_loads_its_element_and_becomes_its_program() -> None:
    mapped = stage(kind=StageKind.MAP, items=ITEMS, replicas=2, expected=2, quorum=2)
    plan = replace(PLAN, stages=(mapped,))
    manifest = emitted(plan, "Job")
    load = ["/bin/sh", "-c", '. "$KON_ITEMS/$KON_INDEX"; exec "$@"', "sh"]
    assert main(manifest)["command"][:6] == [*load, *SHELL]
    assert variable(manifest, "KON_ITEMS")["value"] == "/konductor/items"
    assert emitted(plan, "ConfigMap", "r-extract-items")["data"] == {
        "0": "export KON_ITEM='a b'\nexport X='it'\"'\"'s'\n",
        "1": "export KON_ITEM=c\nexport X=d\n",
    }


def test_a_command_that_differs_by_element_stands_in_its_file() -> None:
    same = stage(kind=StageKind.MAP, items=(Item("a"),), program=Command((Text(("x",)),)))
    assert main(emitted(replace(PLAN, stages=(same,)), "Job"))["command"][4:] == ["x"]
    differing = (Item("a", command=("x", "a b")),)
    differs = replace(same, cells=(replace(same.cells[0], items=differing),))
    plan = replace(PLAN, stages=(differs,))
    assert main(emitted(plan, "Job"))["command"][4:] == []
    data = emitted(plan, "ConfigMap", "r-extract-items")["data"]
    assert data["0"] == "export KON_ITEM=a\nset -- x 'a b'\n"


@pytest.mark.parametrize(
    ("workspace", "claim"), [(ClaimedVolume("etl"), "etl"), (EmptyVolume("1Gi"), "r-workspace")]
)
def test_a_workspace_is_mounted_twice(workspace: ClaimedVolume | EmptyVolume, claim: str) -> None:
    manifest = emitted(replace(PLAN, workspace=workspace), "Job")
    assert pod(manifest)["volumes"][0]["persistentVolumeClaim"] == {"claimName": claim}
    assert main(manifest)["volumeMounts"] == [
        {"name": "workspace", "mountPath": "/konductor/workspace", "subPath": "runs/r"},
        {"name": "workspace", "mountPath": "/konductor/shared"},
    ]
    assert variable(manifest, "KON_WORKSPACE")["value"] == "/konductor/workspace"
    assert variable(manifest, "KON_SHARED")["value"] == "/konductor/shared"


def test_an_empty_workspace_is_a_claim_that_many_may_write() -> None:
    plan = replace(PLAN, workspace=EmptyVolume("20Gi", "nfs"))
    assert emitted(plan, "PersistentVolumeClaim", "r-workspace")["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "20Gi"}},
        "storageClassName": "nfs",
    }


def test_a_reduce_reads_who_arrived_at_its_map() -> None:
    manifest = job(kind=StageKind.REDUCE, source="tokenize")
    assert variable(manifest, "KON_ARRIVALS_FILE")["value"] == "/konductor/arrivals/participants"
    assert pod(manifest)["volumes"][0]["configMap"] == {
        "name": "r-tokenize-arrivals",
        "optional": True,
    }


def test_a_finally_learns_how_the_run_ended() -> None:
    env = (("STATUS", Text((Placeholder.RUN_STATUS,))), ("ID", Text((Placeholder.RUN_ID,))))
    last = stage(kind=StageKind.FINALLY, on=("failure", "timeout"), env=env)
    plan = replace(PLAN, stages=(last,))
    manifest = emitted(plan, "Job")
    for name, key in (
        ("KON_RUN_STATUS", "status"),
        ("KON_FAILED_STAGE", "failedStage"),
        ("KON_FAILED_REASON", "failedReason"),
        ("STATUS", "status"),
    ):
        reference = variable(manifest, name)["valueFrom"]["configMapKeyRef"]
        assert reference == {"name": "r-result", "key": key, "optional": True}
    assert variable(manifest, "ID")["value"] == "$(KON_RUN)"
    metadata = emitted(plan, "Barrier")["metadata"]
    assert metadata["labels"]["konductor.io/role"] == "finally"
    assert metadata["annotations"] == {"konductor.io/on": "failure,timeout"}


def test_resources_are_both_asked_for_and_granted() -> None:
    amounts = {"cpu": "500m", "memory": "2Gi", "nvidia.com/gpu": "1"}
    resources = main(job(resources=Resources(Decimal("0.5"), "2Gi", 1)))["resources"]
    assert resources == {"requests": amounts, "limits": amounts}
    assert "resources" not in main(emitted(PLAN, "Job"))
    assert cpu_text(Decimal(2)) == "2"


def test_one_attempts_time_is_the_pods_deadline_in_whole_seconds() -> None:
    manifest = job(attempt_timeout=timedelta(milliseconds=1500))
    assert pod(manifest)["activeDeadlineSeconds"] == 2


def test_a_working_folder_is_the_containers() -> None:
    assert main(job(workdir="/data"))["workingDir"] == "/data"


def test_a_program_that_meets_others_midway_says_so() -> None:
    metadata = job(barriers=("warm",))["spec"]["template"]["metadata"]
    assert metadata["annotations"] == {"konductor.io/meets": "true"}


def test_a_stages_barrier_says_how_it_treats_stragglers_and_failure() -> None:
    made = stage(stragglers=Stragglers.CANCEL, on_fail=OnFail.CONTINUE)
    metadata = emitted(replace(PLAN, stages=(made,)), "Barrier")["metadata"]
    assert metadata["annotations"] == {
        "konductor.io/stragglers": "cancel",
        "konductor.io/on-fail": "continue",
    }


@pytest.mark.parametrize(
    ("edge", "term"),
    [
        (Edge(EdgeKind.OPENED, ("a",), "b"), {"require": "Open", "ifSkipped": "Skip"}),
        (Edge(EdgeKind.OPTIONAL, ("a",), "b"), {"require": "Open", "ifSkipped": "Proceed"}),
        (Edge(EdgeKind.DONE, ("a",), "b"), {"require": "Done", "ifSkipped": "Skip"}),
        (Edge(EdgeKind.FAILED, ("a",), "b"), {"require": "Failed", "ifSkipped": "Skip"}),
        (
            Edge(EdgeKind.ANY, ("a",), "b", 1),
            {"require": "Open", "atLeast": 1, "ifSkipped": "Skip"},
        ),
    ],
)
def test_an_edge_is_a_term_over_the_runs_barriers(edge: Edge, term: Json) -> None:
    plan = replace(PLAN, stages=(stage(edges=(edge,)),))
    assert emitted(plan, "Barrier")["spec"]["after"] == [{"barriers": ["r-a"], **term}]
    assert plan.edges == (edge,)


def test_a_raw_barrier_keeps_its_own_name_and_others_find_it_there() -> None:
    barrier = RawBarrier(
        "consensus",
        10,
        7,
        object_name="consensus-barrier",
        timeout=timedelta(minutes=15),
        edges=(Edge(EdgeKind.OPENED, ("extract",), "consensus"),),
    )
    later = stage(edges=(Edge(EdgeKind.OPENED, ("consensus",), "extract"),))
    plan = replace(PLAN, stages=(later,), barriers=(barrier,))
    manifest = emitted(plan, "Barrier", "consensus-barrier")
    assert manifest["spec"]["expected"] == 10
    assert manifest["spec"]["quorum"] == 7
    assert manifest["spec"]["timeout"] == "15m"
    assert manifest["metadata"]["labels"]["konductor.io/role"] == "barrier"
    assert manifest["metadata"]["labels"]["konductor.io/stage"] == "consensus"
    after = emitted(plan, "Barrier")["spec"]["after"]
    assert after[0]["barriers"] == ["consensus-barrier"]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("$HOME", "$HOME"), ("$$", "$$$$"), ("$(date)", "$$(date)"), ("$$$(x)", "$$$$$$(x)")],
)
def test_only_what_the_kubelet_would_touch_is_escaped(text: str, escaped: str) -> None:
    assert literal(text) == escaped


@pytest.mark.parametrize(
    "text", ["y", "on", "1_000", "1e3", "2026-11-23", "0o17", ".5", "null", "~", "", "a: b", "="]
)
def test_ambiguous_strings_are_quoted(text: str) -> None:
    assert write_yaml([{"a": text}]).splitlines()[1] in (f'a: "{text}"', f"a: '{text}'")


def test_scripts_are_written_as_they_are() -> None:
    assert write_yaml([{"run": "a\n  b\n"}]) == "---\nrun: |\n  a\n    b\n"


def test_equal_values_are_written_twice() -> None:
    shared = {"x": [1]}
    assert "&" not in write_yaml([{"a": shared, "b": shared}])
