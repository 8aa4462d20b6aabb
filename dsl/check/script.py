"""Scripts read what the program gives them, and nothing is pasted into them raw.

K0701: a text in a script is code. K0702: a variable that is read and never set, but nearly.
K0704: a variable of koncli's own that a program overrides.
"""

import re
from collections.abc import Iterator

from konductor.api.names import Env
from konductor.dsl import expression as tree
from konductor.dsl.diagnostics import Diagnostic, error, instead, warning
from konductor.dsl.evaluate import new_evaluation
from konductor.dsl.evaluation import evaluate
from konductor.dsl.pipeline import Checked, CheckedPipeline
from konductor.dsl.scope import Scope
from konductor.dsl.settings import Setting
from konductor.dsl.spelling import nearest
from konductor.dsl.types import Kind, Type
from konductor.dsl.values import type_of

_SAFE = re.compile(r"[A-Za-z0-9._-]+")
_READ = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_OWN = frozenset(str(one) for one in Env)
_SHORTEST = 4


def check_script(pipeline: CheckedPipeline) -> Iterator[Diagnostic]:
    """Yield what is wrong between scripts and their environment."""
    seen = set()
    for one in pipeline.pods:
        yield from _overridden(one)
        run = one.find("run")
        if run is None:
            continue
        yield from _misread(one, run)
        if run.span not in seen:
            seen.add(run.span)
            yield from _pasted(run, run.scope or pipeline.scope)


def _overridden(one: Checked) -> Iterator[Diagnostic]:
    env = one.find("env")
    for name, member in env.members.items() if env else ():
        if name in _OWN or name.startswith(Env.BARRIER_PREFIX):
            message = f"`{name}` is koncli's own variable, and this replaces it"
            yield warning("K0704", member.key, message, helps=("choose another name",))


def _misread(one: Checked, run: Setting) -> Iterator[Diagnostic]:
    """Yield a warning for each variable that a script reads under a name that is nearly set."""
    if not isinstance(run.node, tree.Text):
        return
    env = one.find("env")
    members = env.members if env else {}
    for part in _fragments(run.node):
        for match in _READ.finditer(part.text):
            name = match[1] or match[2]
            if name not in members and name not in _OWN:
                yield from _unknown(one, run.node, part, match)


def _unknown(
    one: Checked, run: tree.Text, part: tree.Fragment, match: "re.Match[str]"
) -> Iterator[Diagnostic]:
    """Yield a warning if a variable that ``env`` does not set is meant to be one that is set."""
    name, env = match[1] or match[2], one.find("env")
    known = {*(env.members if env else ()), *_OWN, *map(_of_barrier, one.names("barriers"))}
    text = "".join(each.text for each in _fragments(run))
    if name in known or _is_set(name, text):
        return
    knows_all = one.find("env_from") is None
    similar = nearest(name, known) if len(name) >= _SHORTEST else None
    if name.startswith("KON_") or (knows_all and similar and _is_slip(name, similar)):
        yield _slip(part, match, name, similar)


def _fragments(run: tree.Text) -> list[tree.Fragment]:
    """Return the literal text of a script."""
    return [part for part in run.parts if isinstance(part, tree.Fragment)]


def _of_barrier(name: str) -> str:
    """Return the variable that tells a program of a barrier that it meets others at."""
    return f"{Env.BARRIER_PREFIX}{name.replace('-', '_').upper()}"


def _is_slip(name: str, similar: str) -> bool:
    """Tell whether two names are the same but for a slip of the hand, such as REGOIN."""
    return abs(len(name) - len(similar)) <= 1 and name[0] == similar[0] and name.isupper()


def _is_set(name: str, text: str) -> bool:
    return re.search(rf"\b(?:{name}=|read\b.*\b{name}\b|for\s+{name}\b)", text) is not None


def _slip(
    part: tree.Fragment, match: "re.Match[str]", name: str, similar: str | None
) -> Diagnostic:
    span = part.span
    if len(part.text) == span.end - span.start:
        span = span.source.span(span.start + match.start(), span.start + match.end())
    shown = match[0].replace(name, similar) if similar else None
    remedy = instead(span, shown, f"${similar}")
    message = f"the script reads `${name}`, which is not set"
    return warning("K0702", span, message, "not in `env`", **remedy)


def _pasted(run: Setting, scope: Scope) -> Iterator[Diagnostic]:
    if not isinstance(run.node, tree.Text):
        return
    for part in run.node.parts:
        if isinstance(part, tree.Interpolation) and not _is_safe(part.value, scope):
            name = part.value.span.text
            variable = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "VALUE"
            yield error(
                "K0701",
                part.span,
                f"`{name}` is pasted into a shell script unquoted",
                "a value such as `x; rm -rf /` would run as a command",
                helps=(_as_data(variable, name), f"or quote it: ${{sh({name})}}"),
            )


def _as_data(variable: str, name: str) -> str:
    block = f'use "${variable}" in a plain <<SH block'
    return f"pass it as data: `env = {{ {variable} = {name} }}` and {block}"


def _is_safe(node: tree.Expr, scope: Scope) -> bool:
    """Tell whether a value cannot be read as code: it is quoted, a number or from a closed list."""
    if isinstance(node, tree.Call) and node.function.span.text == "sh":
        return True
    kind = _type(node, scope)
    if kind.kind is Kind.ENUM:
        return all(_SAFE.fullmatch(member) for member in kind.members)
    return kind.kind is not Kind.STRING


def _type(node: tree.Expr, scope: Scope) -> Type:
    if isinstance(node, tree.Var):
        binding = scope.find(node.name)
        if binding is not None and binding.type.is_known:
            return binding.type
    return type_of(evaluate(node, scope, new_evaluation()))
