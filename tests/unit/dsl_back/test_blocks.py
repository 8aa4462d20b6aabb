"""What a plan knows of the blocks that this version does not run yet."""

from datetime import timedelta

from konductor.dsl.block import Approval, ConditionGate, OnTimeout, Probe, Semaphore
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.parameters import Given
from konductor.dsl.parser import parse
from konductor.dsl.plan import Edge, EdgeKind, Plan
from konductor.dsl.planner import plan_of
from konductor.dsl.resolve import resolve
from konductor.dsl.source import Source


def planned(body: str) -> Plan:
    """Return the plan of a program that cannot be run yet."""
    source = Source("p.kon", f'pipeline p {{\n defaults {{ image = "a:1" }}\n{body}\n}}\n')
    parsed = parse(source)
    evaluation = new_evaluation(None, parsed.file.broken)
    given = Given(lambda _: (None, ()), {}, None, {})
    pipeline = resolve(source, parsed.file, given, evaluation)
    assert pipeline is not None
    assert not evaluation.diagnostics
    return plan_of(pipeline)


def test_approval_is_planned_with_who_may_give_it() -> None:
    plan = planned("""
      stage tests {}
      ## Ship it.
      approval go-live after tests {
        message = "go?", approvers = ["ann", "group:sre"], required = 2
        timeout = 8h, on_timeout = "skip"
      }
      approval other {}
    """)
    edge = Edge(EdgeKind.OPENED, ("tests",), "go-live")
    assert plan.approvals == (
        Approval(
            "go-live",
            2,
            "Ship it.",
            "go?",
            ("ann", "group:sre"),
            timedelta(hours=8),
            OnTimeout.SKIP,
            (edge,),
        ),
        Approval("other", 1),
    )
    assert plan.edges == (edge,)


def test_semaphore_is_planned_with_who_acquires_it() -> None:
    plan = planned("""
      semaphore db { permits = 3, name = "warehouse", lease = 1h }
      stage load { acquire = [db], queue = "team" }
    """)
    assert plan.semaphores == (Semaphore("db", 3, "", "warehouse", timedelta(hours=1)),)
    (stage,) = plan.stages
    assert (stage.acquire, stage.queue) == (("db",), "team")


def test_gate_is_planned_with_its_conditions() -> None:
    plan = planned("""
      gate open {
        conditions = [{ type = "Job", name = "x" }, { type = "Gate", name = "y", state = "Open" }]
        latch = false
      }
      gate plain {}
    """)
    assert plan.gates == (
        ConditionGate(
            "open",
            (
                (("type", "Job"), ("name", "x")),
                (("type", "Gate"), ("name", "y"), ("state", "Open")),
            ),
            latch=False,
        ),
        ConditionGate("plain", ()),
    )


def test_probes_are_planned_and_are_what_the_barrier_expects() -> None:
    plan = planned("""
      barrier services {
        on_timeout = "skip"
        probe api { http = "http://api/healthz", every = 1s }
        probe db  { ready = "statefulset/postgres" }
        probe own { exec = ["check", 1] }
      }
    """)
    (barrier,) = plan.barriers
    assert (barrier.expected, barrier.quorum, barrier.on_timeout) == (3, 3, OnTimeout.SKIP)
    every = timedelta(seconds=5)
    assert barrier.probes == (
        Probe("http", ("http://api/healthz",), timedelta(seconds=1), "api"),
        Probe("ready", ("statefulset/postgres",), every, "db"),
        Probe("exec", ("check", "1"), every, "own"),
    )


def test_daemon_is_planned_with_how_it_is_known_to_be_ready() -> None:
    plan = planned("""
      stage serve { daemon = true, ready { tcp = 80 }, barriers = [warm] }
      barrier warm { expected = 1 }
    """)
    (stage,) = plan.stages
    assert stage.daemon
    assert stage.ready == Probe("tcp", ("80",), timedelta(seconds=2))
    assert stage.barriers == ("warm",)
