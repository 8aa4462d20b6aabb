"""No attribute is parsed and ignored: each changes the manifests, or is K0999, or is a check's."""

import pytest

from konductor.dsl.attributes import (
    BARRIER,
    OBJECT_BLOCKS,
    PIPELINE,
    PROBE,
    READY,
    RESOURCES,
    RETRY,
    STAGE,
    Attribute,
    Shape,
)
from konductor.dsl.compile import check_source, compile_source
from konductor.dsl.emit import emit
from konductor.dsl.scope import What
from konductor.dsl.types import Kind

VALUES = {
    "namespace": '"jobs"',
    "workspace": 'pvc("a")',
    "hooks": '"job"',
    "gate": '"init"',
    "timeout": "1h",
    "on_failure": '"abort"',
    "ttl": "1d",
    "labels": '{ a = "b" }',
    "annotations": '{ a = "b" }',
    "image": '"b:2"',
    "run": "'false'",
    "command": '["x"]',
    "args": '["x"]',
    "shell": '["/bin/bash", "-c"]',
    "workdir": '"/tmp"',
    "env": '{ A = "b" }',
    "replicas": "7",
    "parallelism": "2",
    "quorum": "2",
    "allow_failures": "1",
    "attempt_timeout": "5s",
    "retries": "3",
    "retry": "{ limit = 3 }",
    "stragglers": '"cancel"',
    "on_fail": '"continue"',
    "resources": "{ cpu = 1 }",
    "limit": "3",
    "on_exit": "[3]",
    "not_on_exit": "[3]",
    "cpu": "1",
    "memory": "1Gi",
    "gpu": "1",
    "matrix": "{ a = [1, 2] }",
    "name": '"x"',
    "expected": "9",
}
VALUES |= {
    "env_from": '[secret_env("s"), config_env("c")]',
    "acquire": "[sem]",
    "arrive": "[meet]",
    "barriers": "[meet]",
    "daemon": "true, ready { tcp = 80 }",
    "ready": "{ tcp = 80, every = 2s }",
    "tcp": '"db:5432"',
    "http": '"http://api:8080/healthz"',
    "exec": '["true"]',
    "every": "5s",
    "mounts": '{ "/etc/app" = config_files("app"), "/data" = pvc("data") }',
    "matrix": "{ os = [1] }",
    "service_account": '"robot"',
    "image_pull_secrets": '["registry"]',
    "node_selector": '{ disk = "ssd" }',
    "tolerations": '[{ key = "gpu", operator = "Exists" }]',
    "priority": '"high"',
    "pod": "{ hostNetwork = true }",
    "queue": '"team"',
    "cleanup": '"success"',
    "backoff": "5s",
    "factor": "3",
    "max": "1m",
    "external": "true, timeout = 1h",
    "reuse": "true",
    "on_timeout": '"skip"',
    "message": '"go?"',
    "approvers": '["group:sre"]',
    "required": "1",
    "permits": "3",
    "lease": "1h",
    "conditions": '[{ type = "Barrier", name = "b", state = "Open" }]',
    "latch": "false",
}
WITHOUT_RUN = {"command", "args"}
ONLY_CHECKED = {"outsiders": "true", "reuse": "true"}
"""What changes no manifest: the checks heed the first, the runner's preflight the other."""


def program(*, pipeline: str = "", stage: str = "", barrier: str = "", run: bool = True) -> str:
    script = "run = 'true'" if run and "run =" not in stage else ""
    image = "" if "image =" in stage else 'image = "a:1"'
    expected = "" if "expected =" in barrier else "expected = 3"
    replicas = "" if "replicas =" in stage else "replicas = 3"
    return f"""pipeline p {{
      {pipeline}
      barrier meet {{
        expected = 3
        outsiders = true
      }}
      {"semaphore sem { permits = 1 }" if "[sem]" in stage else ""}
      stage s {{
        {replicas}
        {image}
        {script}
        {stage}
      }}
      barrier b {{
        {expected}
        {barrier}
      }}
    }}
    """


def holds(text: str, plain: str, attribute: Attribute) -> None:
    compiled = compile_source(text)
    codes = [one.code for one in compiled.diagnostics if one.severity == "error"]
    if not attribute.runs:
        assert set(codes) == {"K0999"}
        assert any(attribute.name in note for note in check_source(text).notes)
        return
    assert codes == []
    before, after = compile_source(plain).plan, compiled.plan
    assert before is not None
    assert after is not None
    assert emit(after, "r")[3:] != emit(before, "r")[3:] or emit(after, "r")[0]["spec"] | {
        "digest": ""
    } != emit(before, "r")[0]["spec"] | {"digest": ""}


def written(attribute: Attribute) -> str:
    if attribute.shape is Shape.NAMED:
        return f"outsiders = true, {attribute.name} one {{ {written(attribute.fields[0])} }}"
    return f"{attribute.name} = {VALUES[attribute.name]}"


@pytest.mark.parametrize("attribute", PIPELINE, ids=lambda one: one.name)
def test_pipeline_attribute_keeps_its_promise(attribute: Attribute) -> None:
    holds(program(pipeline=written(attribute)), program(), attribute)


@pytest.mark.parametrize("attribute", STAGE, ids=lambda one: one.name)
def test_stage_attribute_keeps_its_promise(attribute: Attribute) -> None:
    run = attribute.name not in WITHOUT_RUN
    holds(program(stage=written(attribute), run=run), program(run=run), attribute)


LOOKS = [(block, one) for block, table in (("ready", READY), ("probe", PROBE)) for one in table]


@pytest.mark.parametrize(("block", "attribute"), LOOKS, ids=[f"{a}-{b.name}" for a, b in LOOKS])
def test_field_of_ready_and_probe_keeps_its_promise(block: str, attribute: Attribute) -> None:
    values = VALUES | {"ready": '"deployment/api"', "tcp": "80" if block == "ready" else '"db:80"'}
    look = "" if attribute.name != "every" else 'http = "http://a", '
    inner = f"{{ {look}{attribute.name} = {values[attribute.name]} }}"
    text = program(barrier=f"outsiders = true, probe a {inner}")
    if block == "ready":
        text = program(stage=f"daemon = true, ready {inner}")
    codes = {one.code for one in compile_source(text).diagnostics if one.severity == "error"}
    assert codes == {"K0999"}
    assert not [one for one in check_source(text).diagnostics if one.severity == "error"]


BLOCKS = [
    (str(what), one)
    for what, table in OBJECT_BLOCKS.items()
    if what is not What.BARRIER
    for one in table
]


@pytest.mark.parametrize(("block", "attribute"), BLOCKS, ids=[f"{a}-{b.name}" for a, b in BLOCKS])
def test_attribute_of_a_block_that_does_not_run_is_checked(
    block: str, attribute: Attribute
) -> None:
    permits = "permits = 1" if block == "semaphore" and attribute.name != "permits" else ""
    text = f"pipeline p {{ {block} x {{ {written(attribute)}\n {permits} }} }}\n"
    compiled = compile_source(text)
    assert {one.code for one in compiled.diagnostics if one.severity == "error"} == {"K0999"}
    wrong = text.replace(written(attribute), f"{attribute.name} = {wrong_for(attribute)}")
    assert "K0204" in {one.code for one in check_source(wrong).diagnostics}


def wrong_for(attribute: Attribute) -> str:
    return "1" if Kind.VOLUME in attribute.kinds else 'pvc("x")'


TYPED = [
    (where, one)
    for where, table in (("pipeline", PIPELINE), ("stage", STAGE), ("barrier", BARRIER))
    for one in table
    if one.name != "matrix" and one.shape is not Shape.NAMED
]


@pytest.mark.parametrize(("where", "attribute"), TYPED, ids=[f"{a}-{b.name}" for a, b in TYPED])
def test_no_attribute_takes_a_value_of_another_type(where: str, attribute: Attribute) -> None:
    text = program(**{where: f"{attribute.name} = {wrong_for(attribute)}"})  # type: ignore[arg-type]  # one of its texts
    assert "K0204" in {one.code for one in check_source(text).diagnostics}


@pytest.mark.parametrize("attribute", RETRY, ids=lambda one: one.name)
def test_retry_field_keeps_its_promise(attribute: Attribute) -> None:
    paused = "limit = 3, backoff = 1s"
    with_limit = dict.fromkeys(("backoff", "on_exit", "not_on_exit"), "limit = 3")
    plain = (with_limit | {"factor": paused, "max": paused}).get(attribute.name, "")
    text = program(stage=f"retry {{ {plain}\n {written(attribute)} }}")
    holds(text, program(stage=f"retry {{ {plain} }}"), attribute)


@pytest.mark.parametrize("attribute", RESOURCES, ids=lambda one: one.name)
def test_resources_field_keeps_its_promise(attribute: Attribute) -> None:
    holds(program(stage=f"resources {{ {written(attribute)} }}"), program(), attribute)


@pytest.mark.parametrize(
    "attribute", [one for one in BARRIER if one.name not in ONLY_CHECKED], ids=lambda one: one.name
)
def test_barrier_attribute_keeps_its_promise(attribute: Attribute) -> None:
    holds(program(barrier=written(attribute)), program(), attribute)


def test_outsiders_silences_the_check_that_it_is_for() -> None:
    assert "K0414" in {one.code for one in check_source(program()).diagnostics}
    told = check_source(program(barrier="outsiders = true"))
    assert "K0414" not in {one.code for one in told.diagnostics}


@pytest.mark.parametrize(
    "text",
    [
        'pipeline p { approval a { required = 1 }\n stage s { image = "a:1" } }',
        'pipeline p { semaphore a { permits = 1 }\n stage s { image = "a:1" } }',
        'pipeline p { gate a { latch = true }\n stage s { image = "a:1" } }',
        'pipeline p { map s over 2 { image = "a" }\n map t over 2 after each(s) { image = "a" } }',
        'pipeline p { stage s { image = "a:1"\n ready { tcp = 80 } } }',
        "pipeline p { barrier b { expected = 1, outsiders = true\n probe a { tcp = 'a:80' } } }",
    ],
)
def test_a_block_that_cannot_run_yet_says_so(text: str) -> None:
    compiled = compile_source(text)
    assert compiled.plan is None
    assert {one.code for one in compiled.diagnostics if one.severity == "error"} == {"K0999"}
    checked = check_source(text)
    assert not [one for one in checked.diagnostics if one.severity == "error"]
    assert any("K0999" in note for note in checked.notes)
