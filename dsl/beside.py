"""Files beside the program: imports, ``file(…)`` and ``-p name=@path``.

The language opens no file itself; whoever calls it hands over a loader.
"""

from konductor.dsl.diagnostics import error
from konductor.dsl.evaluation import Evaluation, Loader
from konductor.dsl.source import Span


def read_beside(
    path: str, loader: Loader, code: str, span: Span, evaluation: Evaluation
) -> str | None:
    """Return the text of a file; None: it cannot be had (reported with this code, at `span`)."""
    try:
        text = loader(path)
    except (OSError, ValueError) as reason:
        helps = tuple(getattr(reason, "__notes__", ()))
        evaluation.report(error(code, span, _why(path, reason), helps=helps))
        return None
    evaluation.read[path] = text
    return text


def _why(path: str, reason: OSError | ValueError) -> str:
    match reason:
        case FileNotFoundError():
            return f"there is no file `{path}`"
        case IsADirectoryError():
            return f"`{path}` is a folder"
        case UnicodeDecodeError():
            return f"`{path}` is no text in UTF-8"
        case OSError():
            why = reason.strerror or str(reason)
        case _:
            why = str(reason)
    return f"`{path}` cannot be read: {why[:1].lower()}{why[1:]}"
