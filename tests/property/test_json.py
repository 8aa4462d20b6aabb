"""What is written to the API server is what is read from it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from konductor.api.arrival import Arrival, Outcome
from konductor.api.barrier import (
    Barrier,
    BarrierSpec,
    BarrierStatus,
    Condition,
    IfSkipped,
    JobReference,
    Phase,
    Reason,
    Require,
    Term,
    Upstream,
    parse_status,
    status_json,
)
from konductor.api.meta import Metadata, Owner
from konductor.api.run import (
    FailedStage,
    OnFailure,
    Run,
    RunPhase,
    RunSpec,
    RunStatus,
    run_status_json,
)
from konductor.duration import LONGEST, format_duration, parse_duration

NAMES = st.text("abc-09", min_size=1, max_size=8)
TIMES = st.none() | st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))
SPANS = st.timedeltas(timedelta(microseconds=1), LONGEST)
COUNTS = st.integers(0, 10**6)
TEXTS = st.text(max_size=10)
LABELS = st.dictionaries(NAMES, NAMES, max_size=2)


def several(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(one, max_size=3).map(tuple)


METADATA = st.builds(
    Metadata,
    name=NAMES,
    namespace=NAMES,
    uid=st.just(""),
    resource_version=st.just(""),
    generation=st.just(0),
    created=st.none(),
    deleted=st.none(),
    labels=LABELS,
    annotations=LABELS,
    owners=several(st.builds(Owner, NAMES, NAMES, NAMES, NAMES, controller=st.booleans())),
)
CONDITIONS = several(
    st.builds(
        Condition,
        st.sampled_from(["Ready", "Open"]),
        st.sampled_from(["True", "False", "Unknown"]),
        st.sampled_from(Reason).map(str),
        TEXTS,
        TIMES,
        COUNTS,
    )
)
TERMS = st.builds(
    Term,
    st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    st.sampled_from(Require),
    st.none() | st.integers(1, 3),
    st.sampled_from(IfSkipped),
)
SPECS = st.builds(
    BarrierSpec,
    st.integers(1, 10**6),
    st.none() | st.integers(1, 10**6),
    st.none() | SPANS,
    several(TERMS),
    several(NAMES),
)
STATUSES = st.builds(
    BarrierStatus,
    phase=st.sampled_from(Phase),
    arrived=COUNTS,
    arrivals=several(NAMES),
    failed=COUNTS,
    failures=several(NAMES),
    late=COUNTS,
    progress=st.sampled_from(["", "1/2"]),
    quorum=st.none() | COUNTS,
    started_at=TIMES,
    deadline=TIMES,
    opened_at=TIMES,
    closed_at=TIMES,
    root_cause=st.just("") | NAMES,
    upstreams=several(
        st.builds(
            Upstream,
            NAMES,
            NAMES,
            st.sampled_from(Phase),
            st.sampled_from(Reason),
            st.just("") | NAMES,
        )
    ),
    jobs=several(st.builds(JobReference, NAMES, NAMES)),
    observed_generation=COUNTS,
    conditions=CONDITIONS,
)
RUNS = st.builds(
    Run,
    METADATA,
    st.builds(
        RunSpec,
        NAMES,
        st.dictionaries(NAMES, COUNTS | TEXTS | st.booleans(), max_size=2),
        st.just("") | NAMES,
        st.sampled_from(OnFailure),
        st.none() | SPANS,
        st.none() | SPANS,
        COUNTS,
        st.booleans(),
        st.booleans(),
    ),
)
RUN_STATUSES = st.builds(
    RunStatus,
    st.sampled_from(RunPhase),
    st.sampled_from(["", "1/2"]),
    several(NAMES),
    TIMES,
    TIMES,
    several(st.builds(FailedStage, NAMES, NAMES, TEXTS)),
    COUNTS,
    CONDITIONS,
)


@given(METADATA, SPECS)
def test_barrier(metadata: Metadata, spec: BarrierSpec) -> None:
    barrier = Barrier(metadata, spec)
    assert Barrier.parse(barrier.manifest()) == barrier


@given(STATUSES)
def test_barrier_status(status: BarrierStatus) -> None:
    assert parse_status(status_json(status)) == status


@given(RUNS, RUN_STATUSES)
def test_run(run: Run, status: RunStatus) -> None:
    document = run.manifest() | {"status": run_status_json(status)}
    assert Run.parse(document) == Run(run.metadata, run.spec, status)


@given(NAMES, NAMES, NAMES, st.sampled_from(Outcome), TEXTS)
def test_arrival(barrier: str, uid: str, who: str, outcome: Outcome, message: str) -> None:
    arrival = Arrival.at(barrier, uid, who, namespace="n", outcome=outcome, message=message)
    assert Arrival.parse(arrival.manifest()) == arrival


@given(SPANS)
def test_duration(span: timedelta) -> None:
    assert parse_duration(format_duration(span)) == span


@given(
    st.from_regex(
        r"(([0-9]{1,3}(\.[0-9]{0,3})?|\.[0-9]{1,3})(ns|us|µs|ms|s|m|h)){1,3}", fullmatch=True
    )
)
def test_whatever_the_crd_accepts_is_read(text: str) -> None:
    span = parse_duration(text)
    assert timedelta(0) <= span <= LONGEST
    assert parse_duration(format_duration(span)) == span
