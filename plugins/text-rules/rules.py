"""Rules: a Python expression becomes a function of a row, if it is made of nothing but what is allowed.

The text is parsed by `ast` and never evaluated by Python: each allowed kind of node becomes a small function here, and its type is
known before the first row. Whatever is not listed in `_NODES` or `FUNCTIONS` is refused, with its place.

Nulls as in SQL: a comparison, a sum or a call with a null is null; `and`, `or` and `not` know that `False and null` is false.
"""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions import FUNCTIONS, day, moment, pattern
from lockflight import Field, Schema, did_you_mean

Row = tuple[Any, ...]
Evaluate = Callable[[Row], Any]
DEEPEST = 40


class RuleError(Exception):
    """What is wrong with a rule, with the place in its text, and what to do."""

    def __init__(self, node: ast.AST | None, message: str, help: str | None = None) -> None:
        place = f" (at character {node.col_offset + 1})" if isinstance(node, ast.expr) else ""
        super().__init__(message + place)
        self.help = help


@dataclass(frozen=True)
class Typed:
    """A part of a rule: the type of its value (None while columns are not known), and how it is had."""

    type: str | None
    evaluate: Evaluate


def type_of(field: Field) -> str | None:
    """A column's type as rules see it; None for a type that they cannot read."""
    if field.is_number:
        return "number"
    return "time" if field.is_timestamp else field.type if field.type in ("text", "bool", "date") else None


class Rule:
    """A rule for a table: which columns it reads, and whether it holds in a row (None: nulls leave it open).

    Without a schema only what does not depend on the columns is checked. Raises `RuleError`.
    """

    def __init__(self, text: str, schema: Schema | None) -> None:
        self.schema = schema
        self.columns: list[str] = []
        """The columns it reads, in the order of their first mention: the order of a row's values."""
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise RuleError(None, f"this is no expression: {error.msg} (at character {error.offset})") from None
        except (RecursionError, MemoryError, ValueError) as error:
            raise RuleError(None, f"this cannot be read: {error}") from None
        self._depth = 0
        found = self._typed(tree)
        _expect(tree, found, "bool")
        self.holds: Evaluate = found.evaluate

    def _typed(self, node: ast.expr) -> Typed:
        make = _NODES.get(type(node))
        if make is None:
            raise RuleError(node, f"{_name(node)} is not allowed in a rule", "allowed are columns, numbers, texts, comparisons, arithmetic, and, or, not, "
                                  "in, if-else, and the functions " + ", ".join([*FUNCTIONS, *_SPECIAL]))
        self._depth += 1
        if self._depth > DEEPEST:
            raise RuleError(node, f"the rule is nested deeper than {DEEPEST}")
        try:
            return make(self, node)
        finally:
            self._depth -= 1

    def _column(self, node: ast.expr, name: str) -> Typed:
        found = None
        if self.schema is not None:
            field = self.schema.get(name)
            if field is None:
                guess = did_you_mean(name, self.schema.names)
                raise RuleError(node, f'the table has no column "{name}"', f'did you mean "{guess}"?' if guess else "there is: " + ", ".join(self.schema.names))
            found = type_of(field)
            if found is None:
                raise RuleError(node, f'rules cannot read column "{name}": it is {field.type}')
        if name not in self.columns:
            self.columns.append(name)
        return Typed(found, operator.itemgetter(self.columns.index(name)))

    def _name_node(self, node: ast.Name) -> Typed:
        return self._column(node, node.id)

    def _constant(self, node: ast.Constant) -> Typed:
        value = node.value
        for kind, name in ((bool, "bool"), (int, "number"), (float, "number"), (str, "text")):
            if isinstance(value, kind):
                return Typed(name, lambda row: value)
        raise RuleError(node, f"{value!r} is not allowed in a rule", "ask with is_null(column)" if value is None else None)

    def _unary(self, node: ast.UnaryOp) -> Typed:
        inner = self._typed(node.operand)
        if isinstance(node.op, ast.Not):
            _expect(node.operand, inner, "bool")
            return Typed("bool", _lifted(operator.not_, inner.evaluate))
        if not isinstance(node.op, (ast.USub, ast.UAdd)):
            raise RuleError(node, f"{_name(node.op)} is not allowed in a rule")
        _expect(node.operand, inner, "number")
        return Typed("number", _lifted(operator.neg if isinstance(node.op, ast.USub) else operator.pos, inner.evaluate))

    def _binary(self, node: ast.BinOp) -> Typed:
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise RuleError(node, f"{_name(node.op)} is not allowed in a rule", "allowed are + - * / // %")
        left, right = self._typed(node.left), self._typed(node.right)
        # Numbers alone: a text times a number could be of any length.
        _expect(node.left, left, "number")
        _expect(node.right, right, "number")
        return Typed("number", _lifted(operation, left.evaluate, right.evaluate))

    def _bool(self, node: ast.BoolOp) -> Typed:
        parts = []
        for value in node.values:
            part = self._typed(value)
            _expect(value, part, "bool")
            parts.append(part.evaluate)
        # What decides: a False in `and`, a True in `or`; else a null leaves it open.
        deciding = isinstance(node.op, ast.Or)

        def evaluate(row: Row) -> bool | None:
            answer: bool | None = not deciding
            for part in parts:
                value = part(row)
                if value is deciding:
                    return deciding
                if value is None:
                    answer = None
            return answer

        return Typed("bool", evaluate)

    def _compare(self, node: ast.Compare) -> Typed:
        operands, links = [node.left, *node.comparators], []
        left = self._typed(node.left)
        for index, op in enumerate(node.ops):
            right_node = operands[index + 1]
            if isinstance(op, (ast.In, ast.NotIn)):
                links.append(self._membership(node, left, right_node, isinstance(op, ast.In)))
                left = Typed("bool", left.evaluate)
                continue
            operation = _COMPARISONS.get(type(op))
            if operation is None:
                raise RuleError(node, f"{_name(op)} is not allowed in a rule", "ask with is_null(column)")
            right = self._typed(right_node)
            if left.type is not None:
                _expect(right_node, right, left.type)
            links.append(_lifted(operation, left.evaluate, right.evaluate))
            left = right
        return Typed("bool", links[0] if len(links) == 1 else _all(links))

    def _membership(self, node: ast.Compare, left: Typed, right: ast.expr, wanted: bool) -> Evaluate:
        if len(node.ops) > 1:
            raise RuleError(node, "`in` stands alone: join comparisons with `and`")
        if not isinstance(right, (ast.List, ast.Tuple, ast.Set)):
            raise RuleError(right, "behind `in` there has to be a list, such as [1, 2]", "use contains(text, part) for a part of a text")
        choices = set()
        for item in right.elts:
            value = self._typed(item)
            if not isinstance(item, (ast.Constant, ast.UnaryOp)) or _reads(item):
                raise RuleError(item, "a list may hold numbers and texts alone")
            if left.type is not None:
                _expect(item, value, left.type)
            choices.add(value.evaluate(()))
        return _lifted(lambda value: (value in choices) is wanted, left.evaluate)

    def _choice(self, node: ast.IfExp) -> Typed:
        test, then, otherwise = self._typed(node.test), self._typed(node.body), self._typed(node.orelse)
        _expect(node.test, test, "bool")
        if then.type is not None:
            _expect(node.orelse, otherwise, then.type)

        def evaluate(row: Row) -> Any:
            found = test.evaluate(row)
            return None if found is None else (then if found else otherwise).evaluate(row)

        return Typed(then.type or otherwise.type, evaluate)

    def _call(self, node: ast.Call) -> Typed:
        if not isinstance(node.func, ast.Name):
            raise RuleError(node, "only the functions of rules can be called", "they are " + ", ".join([*FUNCTIONS, *_SPECIAL]))
        name = node.func.id
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise RuleError(node, f"{name} takes plain arguments alone")
        if name in _SPECIAL:
            return _SPECIAL[name](self, node)
        function = FUNCTIONS.get(name)
        if function is None:
            guess = did_you_mean(name, [*FUNCTIONS, *_SPECIAL])
            raise RuleError(node, f"there is no function `{name}`", f"did you mean `{guess}`?" if guess else "there are " + ", ".join([*FUNCTIONS, *_SPECIAL]))
        few = len(function.takes)
        if len(node.args) < few or (len(node.args) > few and not function.many):
            raise RuleError(node, f"{name} takes {few}{' or more' if function.many else ''} argument{'s' if few > 1 else ''}, and has {len(node.args)}")
        arguments = []
        for index, argument in enumerate(node.args):
            value = self._typed(argument)
            _expect(argument, value, function.takes[min(index, few - 1)])
            arguments.append(value.evaluate)
        return Typed(function.gives, _lifted(function.call, *arguments))

    def _literal(self, node: ast.Call, at: int) -> str:
        """The text that has to be written as such in the argument."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if len(node.args) != at + 1:
            raise RuleError(node, f"{name} takes {at + 1} argument{'s' if at else ''}, and has {len(node.args)}")
        value = node.args[at]
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            raise RuleError(value, f"{name} has to be given a text in quotes here")
        return value.value

    def _col(self, node: ast.Call) -> Typed:
        return self._column(node, self._literal(node, 0))

    def _is_null(self, node: ast.Call) -> Typed:
        if len(node.args) != 1:
            raise RuleError(node, f"is_null takes 1 argument, and has {len(node.args)}")
        inner = self._typed(node.args[0]).evaluate
        return Typed("bool", lambda row: inner(row) is None)

    def _matches(self, node: ast.Call) -> Typed:
        test = _made(node, pattern, self._literal(node, 1))
        value = self._typed(node.args[0])
        _expect(node.args[0], value, "text")
        return Typed("bool", _lifted(test, value.evaluate))

    def _date(self, node: ast.Call) -> Typed:
        value = _made(node, day, self._literal(node, 0))
        return Typed("date", lambda row: value)

    def _time(self, node: ast.Call) -> Typed:
        value = _made(node, moment, self._literal(node, 0))
        return Typed("time", lambda row: value)


_NODES: dict[type, Callable[[Rule, Any], Typed]] = {
    ast.Name: Rule._name_node, ast.Constant: Rule._constant, ast.UnaryOp: Rule._unary, ast.BinOp: Rule._binary, ast.BoolOp: Rule._bool,
    ast.Compare: Rule._compare, ast.IfExp: Rule._choice, ast.Call: Rule._call,
}
_SPECIAL: dict[str, Callable[[Rule, ast.Call], Typed]] = {
    "is_null": Rule._is_null, "matches": Rule._matches, "date": Rule._date, "time": Rule._time, "col": Rule._col,
}
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}


def _lifted(call: Callable[..., Any], *arguments: Evaluate) -> Evaluate:
    """A call whose answer is null as soon as an argument is."""
    if len(arguments) == 1:
        (only,) = arguments
        return lambda row: None if (value := only(row)) is None else call(value)
    if len(arguments) == 2:
        first, second = arguments
        return lambda row: None if (left := first(row)) is None or (right := second(row)) is None else call(left, right)

    def evaluate(row: Row) -> Any:
        values = [argument(row) for argument in arguments]
        return None if None in values else call(*values)

    return evaluate


def _all(links: list[Evaluate]) -> Evaluate:
    """Whether all comparisons of a chain hold, as `and` would have it."""

    def evaluate(row: Row) -> bool | None:
        answers = [link(row) for link in links]
        return False if False in answers else None if None in answers else True

    return evaluate


def _reads(node: ast.expr) -> bool:
    """Whether a part of a rule reads a column."""
    return any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(node))


def _expect(node: ast.expr, found: Typed, wanted: str) -> None:
    if found.type is not None and found.type != wanted:
        help = "write dates as date(\"2024-01-31\"), times as time(\"2024-01-31T12:00\")" if wanted in ("date", "time") else None
        raise RuleError(node, f"`{ast.unparse(node)}` is a {found.type}, and has to be a {wanted} here", help)


def _made(node: ast.Call, make: Callable[[str], Any], text: str) -> Any:
    try:
        return make(text)
    except ValueError as error:
        raise RuleError(node, str(error)) from None


def _name(node: ast.AST) -> str:
    """A kind of node as messages name it."""
    return f"`{type(node).__name__}`"
