"""How each kind of expression gets its value. Total: whatever is wrong is reported, not raised."""

from collections.abc import Mapping
from typing import cast

from konductor.dsl import collection, interpolate, lookup, operation
from konductor.dsl import expression as tree
from konductor.dsl.call import call
from konductor.dsl.evaluation import Evaluation, Evaluator, Loader
from konductor.dsl.values import WRONG, Percent, Quantity, Value


def new_evaluation(
    loader: Loader | None = None, broken: frozenset[str] = frozenset()
) -> Evaluation:
    """Return an evaluation that has found nothing yet."""
    return Evaluation(EVALUATORS, loader, broken)


def _literal(node: tree.Int | tree.Float | tree.Bool | tree.Duration, *_: object) -> Value:
    return node.value


def _percent(node: tree.Percent, *_: object) -> Value:
    return Percent(node.value)


def _quantity(node: tree.Quantity, *_: object) -> Value:
    return Quantity(node.value, node.binary)


def _null(*_: object) -> Value:
    return None


def _broken(*_: object) -> Value:
    return WRONG


EVALUATORS: Mapping[type, Evaluator] = cast(
    "Mapping[type, Evaluator]",
    {
        tree.Int: _literal,
        tree.Float: _literal,
        tree.Bool: _literal,
        tree.Duration: _literal,
        tree.Percent: _percent,
        tree.Quantity: _quantity,
        tree.Null: _null,
        tree.Broken: _broken,
        tree.Text: interpolate.text,
        tree.Var: lookup.variable,
        tree.Member: lookup.member,
        tree.Index: lookup.index,
        tree.Call: call,
        tree.List: collection.list_of,
        tree.Map: collection.map_of,
        tree.Range: collection.range_of,
        tree.Comprehension: collection.comprehension,
        tree.Binary: operation.binary,
        tree.Unary: operation.unary,
        tree.Compare: operation.comparison,
        tree.In: operation.membership,
        tree.Conditional: operation.conditional,
    },
)
