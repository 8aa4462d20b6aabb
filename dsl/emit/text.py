"""Texts as the kubelet reads them: it replaces ``$(NAME)``, and ``$$`` stands for a dollar sign."""

import re

from konductor.dsl.plan import Placeholder, Text

_READ_BY_KUBELET = re.compile(r"\$+\(|\$\$+")


def literal(text: str) -> str:
    """Return a text that the kubelet turns into this one.

    Only what it would touch is escaped, so that scripts stay readable.

    >>> literal('echo "$HOME" $$ $(date)')
    'echo "$HOME" $$$$ $$(date)'
    """
    return _READ_BY_KUBELET.sub(lambda match: match[0].replace("$", "$$"), text)


def reference(variable: str) -> str:
    """Return what the kubelet replaces by an environment variable's value."""
    return f"$({variable})"


def pod_text(text: Text) -> str:
    """Return a text whose placeholders the kubelet fills in."""
    return "".join(
        reference(part) if isinstance(part, Placeholder) else literal(part) for part in text.parts
    )
