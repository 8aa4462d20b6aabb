"""What attributes are made of within: paths, tolerations, conditions, ways to look (K0204, K0404).

The tables say which values an attribute takes; this holds what is inside of them to its form.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from konductor.api.names import MOUNT_ROOT
from konductor.dsl import expression as tree
from konductor.dsl.attributes import PROBE, READY, Attribute
from konductor.dsl.diagnostics import Diagnostic, error
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.podpatch import WrongPatch, patch_of
from konductor.dsl.settings import Setting
from konductor.dsl.source import Span
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind
from konductor.dsl.values import MapValue, Unknown, Value, describe, type_of

_STRING = frozenset({Kind.STRING, Kind.ENUM})
_Form = Mapping[str, frozenset[Kind] | tuple[str, ...]]
_TOLERATION: _Form = {
    "key": _STRING,
    "operator": ("Exists", "Equal"),
    "value": _STRING,
    "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "tolerationSeconds": frozenset({Kind.INT}),
}
_CONDITION: _Form = {
    "type": (
        *("Barrier", "Job", "Semaphore", "Gate", "Deployment", "StatefulSet"),
        *("Service", "ConfigMap"),
    ),
    "name": _STRING,
    "state": _STRING,
}
_Rule = Callable[[Setting], Iterator[Diagnostic]]
_LAST_PORT = 65535
_TAKEN = tuple(
    f"{MOUNT_ROOT}/{name}" for name in ("workspace", "shared", "arrivals", "script", "items", "bin")
)
"""Where koncli mounts its own."""
_READY_KINDS = ("deployment", "statefulset", "daemonset", "job", "pod", "service")


def check_shape(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what is wrong within attributes that hold more than a plain value."""
    seen: set[tuple[Span, Value]] = set()
    for one in pipeline.pods:
        for name, rule in _RULES:
            setting = one.find(name)
            if setting is not None and (setting.span, setting.value) not in seen:
                seen.add((setting.span, setting.value))
                yield from rule(setting)
        for name, probe in one.blocks("probe").items():
            yield from _looks(f"probe `{name}`", probe, PROBE)
        if one.find("daemon") and one.value("daemon") is True and not one.find("ready"):
            yield _never_ready(one)


def _never_ready(one: Checked) -> Diagnostic:
    message = f"daemon `{one.name}` never says when it is ready"
    helps = ("write `ready { tcp = PORT }`, or `http` or `exec`",)
    return error("K0404", one.settings["daemon"].span, message, "without `ready`", helps=helps)


def _mounts(setting: Setting) -> Iterator[Diagnostic]:
    for path, member in setting.members.items():
        if not path.startswith("/") or ".." in path.split("/"):
            message = f"`{path}` is no path from the root"
            helps = (f'write `"/{path.lstrip("./")}"`',)
            yield error("K0204", member.key, message, helps=helps)
        elif path == MOUNT_ROOT or path.startswith(_TAKEN):
            message = f"koncli mounts its own at `{path}`"
            yield error("K0404", member.key, message, helps=("choose another path",))


def _maps(form: _Form, required: Sequence[str]) -> _Rule:
    def rule(setting: Setting) -> Iterator[Diagnostic]:
        values = setting.value if isinstance(setting.value, tuple) else ()
        nodes = setting.node.items if isinstance(setting.node, tree.List) else ()
        for number, value in enumerate(values):
            node = nodes[number] if number < len(nodes) else None
            if isinstance(value, MapValue):
                place = setting.span if node is None else node.span
                yield from _members(value, node, place, form)
                missing = [name for name in required if name not in dict(value.pairs)]
                if missing:
                    message = f"`{setting.key.text}` needs `{missing[0]}` in each of its maps"
                    yield error("K0304", place, message)

    return rule


def _members(
    value: MapValue, node: tree.Expr | None, place: Span, form: _Form
) -> Iterator[Diagnostic]:
    pairs = {one.key.text: one for one in node.pairs} if isinstance(node, tree.Map) else {}
    for key, member in value.pairs:
        at = pairs.get(key)
        wanted = form.get(key)
        if wanted is None:
            similar = nearest(key, form)
            helps = (f"write `{similar}`",) if similar else ()
            notes = (f"there are {', '.join(f'`{name}`' for name in form)}",)
            span = at.key.span if at else place
            yield error("K0304", span, f"there is no field `{key}`", notes=notes, helps=helps)
        elif not _fits(member, wanted):
            one_of = " or ".join(
                f'`"{one}"`' if isinstance(wanted, tuple) else str(one) for one in sorted(wanted)
            )
            message = f"`{key}` is {one_of.replace('enum or ', '')}, {describe(member)} is not"
            yield error("K0204", at.value.span if at else place, message)


def _fits(value: Value, wanted: frozenset[Kind] | tuple[str, ...]) -> bool:
    if isinstance(value, Unknown):
        return True
    return value in wanted if isinstance(wanted, tuple) else type_of(value).kind in wanted


def _pod(setting: Setting) -> Iterator[Diagnostic]:
    if isinstance(setting.value, Unknown):
        return
    try:
        patch_of(setting.value)
    except WrongPatch as reason:
        helps = (reason.remedy,) if reason.remedy else ()
        code = "K0404" if reason.is_own else "K0304"
        yield error(code, _field_place(setting, str(reason)), str(reason), helps=helps)


def _field_place(setting: Setting, message: str) -> Span:
    """Return the place of the field that a message names, where it is a map's key."""
    pairs = setting.node.pairs if isinstance(setting.node, tree.Map) else ()
    return next((pair.key.span for pair in pairs if f"`{pair.key.text}`" in message), setting.key)


def _ready(setting: Setting) -> Iterator[Diagnostic]:
    yield from _looks("`ready`", setting, READY)


def _looks(of: str, setting: Setting, table: tuple[Attribute, ...]) -> Iterator[Diagnostic]:
    """Yield what keeps a probe from looking in exactly one way, at what there can be."""
    ways = [one.name for one in table if one.name != "every"]
    there = [name for name in ways if name in setting.members]
    if len(there) != 1:
        message = f"{of} says {'nothing' if not there else 'more than one thing'} to look at"
        helps = (f"write one of {', '.join(f'`{name}`' for name in ways)}",)
        place = setting.members[there[1]].key if there else setting.key
        yield error("K0404", place, message, helps=helps)
    for name, member in setting.members.items():
        problem = _problem(name, member.value)
        if problem:
            yield error("K0204", member.span, problem)


def _problem(name: str, value: Value) -> str:
    if name == "every" and isinstance(value, timedelta) and value <= timedelta(0):
        return "`every` is no time at all"
    if name == "tcp":
        return _no_port(value)
    if name == "http" and isinstance(value, str) and not value.startswith(("http://", "https://")):
        return f"{describe(value)} is no address: it begins with `http://` or `https://`"
    if name == "exec" and value == ():
        return "`exec` has no program"
    if name == "ready" and isinstance(value, str):
        kind, slash, rest = value.partition("/")
        if not slash or not rest or kind not in _READY_KINDS:
            return f"{describe(value)} is none of {', '.join(_READY_KINDS)}, a `/` and a name"
    return ""


def _no_port(value: Value) -> str:
    port: object = value
    if isinstance(value, str):
        host, _, text = value.rpartition(":")
        port = int(text) if host and text.isdecimal() else 0
    if isinstance(port, int) and not 1 <= port <= _LAST_PORT:
        return f"{describe(value)} is no port from 1 to {_LAST_PORT}"
    return ""


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("mounts", _mounts),
    ("tolerations", _maps(_TOLERATION, ())),
    ("conditions", _maps(_CONDITION, ("type", "name"))),
    ("pod", _pod),
    ("ready", _ready),
)
