import pytest

from konductor.runner.local.apiserver.builtin.decode import DecodeError, decode
from konductor.runner.local.apiserver.builtin.instant import parse_time
from konductor.runner.local.apiserver.builtin.quantity import canonical

JOB, POD = "io.k8s.api.batch.v1.Job", "io.k8s.api.core.v1.Pod"
VOLUMES = "spec.template.spec.volumes"
CONFIG_MAP, SECRET = "io.k8s.api.core.v1.ConfigMap", "io.k8s.api.core.v1.Secret"


def _job(**spec: object) -> dict[str, object]:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": spec}


# Each message is what kube-apiserver 1.37 answers.
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"parallelism": "x"},
            "string into JobSpec.spec.parallelism of type int32",
        ),
        (
            {"parallelism": 1.5},
            "number 1.5 into JobSpec.spec.parallelism of type int32",
        ),
        (
            {"parallelism": 99999999999},
            "number 99999999999 into JobSpec.spec.parallelism of type int32",
        ),
        (
            {"template": {"spec": {"restartPolicy": 1}}},
            "number into PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy",
        ),
        (
            {"template": {"spec": {"containers": ["x"]}}},
            "string into PodSpec.spec.template.spec.containers of type v1.Container",
        ),
        (
            {"template": {"spec": {"volumes": [{"nfs": "x"}]}}},
            f"string into Volume.{VOLUMES}.VolumeSource.nfs of type v1.NFSVolumeSource",
        ),
        (
            {"selector": {"matchLabels": {"a": True}}},
            "bool into LabelSelector.spec.selector.matchLabels of type string",
        ),
    ],
)
def test_type_errors_are_told_in_the_go_decoders_words(
    spec: dict[str, object], message: str
) -> None:
    with pytest.raises(DecodeError) as raised:
        decode(JOB, _job(**spec))
    assert (
        str(raised.value)
        == f"json: cannot unmarshal {message.replace(' into ', ' into Go struct field ')}"
    )


@pytest.mark.parametrize(("data", "offset"), [("x", 0), ("a*b=", 1), ("YQ", 0), ("YWJj=", 4)])
def test_malformed_base64_is_refused_with_gos_offset(data: str, offset: int) -> None:
    with pytest.raises(DecodeError, match=f"^illegal base64 data at input byte {offset}$"):
        decode(SECRET, {"data": {"a": data}})


def test_unknown_fields_are_dropped_and_told_in_document_order() -> None:
    document = {
        "metadata": {"name": "a", "bogus": 1},
        "spec": {"template": {"spec": {"containers": [{"name": "a", "x": {}}]}}, "Suspend": True},
    }
    decoded = decode(JOB, document)
    assert decoded.unknown == (
        "metadata.bogus",
        "spec.template.spec.containers[0].x",
        "spec.Suspend",
    )
    assert "Suspend" not in decoded.value["spec"]


def test_what_is_null_or_empty_is_left_out_and_what_go_always_writes_is_added() -> None:
    document = {"metadata": {"name": "a", "labels": {}}, "data": None}
    assert decode(CONFIG_MAP, document).value == {"metadata": {"name": "a"}}
    pod = decode(POD, {"spec": {"containers": [{"name": "a", "env": []}]}}).value
    assert pod == {
        "metadata": {},
        "spec": {"containers": [{"name": "a", "resources": {}}]},
        "status": {},
    }


def test_a_zero_stays_where_go_holds_a_pointer() -> None:
    spec = decode(JOB, _job(parallelism=0, suspend=False)).value["spec"]
    assert (spec["parallelism"], spec["suspend"]) == (0, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1500Mi", "1500Mi"),
        ("0.1Ki", "102400m"),
        ("1e3", "1e3"),
        ("1000", "1k"),
        ("1E", "1E"),
        ("-2", "-2"),
        ("0Gi", "0"),
        ("1000k", "1M"),
    ],
)
def test_quantities_take_their_canonical_form(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize("text", ["", "x", "1x", "1 Gi", "--1", "1.2.3"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quantities must match the regular expression"):
        canonical(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", 'as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
        ("2026-01-02", 'as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ("2026-01-02T03:04:05", 'as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'),
    ],
)
def test_malformed_times_are_told_in_gos_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="parsing time") as raised:
        parse_time(text)
    assert str(raised.value) == f'parsing time "{text}" {message}'


def test_a_month_that_no_calendar_has_is_out_of_range() -> None:
    with pytest.raises(ValueError, match="month out of range"):
        parse_time("2026-13-02T03:04:05Z")
    with pytest.raises(ValueError, match="day out of range"):
        parse_time("2026-02-30T03:04:05Z")
