"""Options that stand before their command, where programs made with cobra take them, too.

``koncli -n etl barrier wait a`` is ``koncli barrier wait -n etl a``.
"""

from collections.abc import Sequence

_SHORT = ("-n", "-o")
_LONG = ("--namespace", "--context", "--kubeconfig", "--log-level", "--output")


def command_first(words: Sequence[str]) -> list[str]:
    """Return a command line with its command before the options that every command shares.

    One without a command stays as it is.

    >>> command_first(["-n", "etl", "--output=json", "barrier", "list"])
    ['barrier', '-n', 'etl', '--output=json', 'list']
    """
    place = 0
    while place < len(words) and (length := _length(words[place])):
        place += length
    return [*words[place : place + 1], *words[:place], *words[place + 1 :]]


def is_shared(word: str) -> bool:
    """Tell whether a word is one of those options."""
    return bool(_length(word))


def _length(word: str) -> int:
    """Return how many words such an option takes with its value, 0 if it is none."""
    if word in _SHORT or word in _LONG:
        return 2
    with_value = word.startswith(_SHORT) or word.partition("=")[0] in _LONG
    return 1 if with_value else 0
