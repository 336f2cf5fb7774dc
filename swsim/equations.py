"""Equations of neurons as text: what they may say, and the program text that they become."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["FUNCTIONS", "Assignment", "assignments", "differential", "expression", "render"]

Target = Literal["arrays", "numbers"]

FUNCTIONS = {"exp": 1, "log": 1, "tanh": 1, "sqrt": 1, "abs": 1, "min": 2, "max": 2}
"""The functions that equations may use, and the number of their arguments."""

_MOST_FACTORS = 16
_LARGEST = 1e300
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_DERIVATIVE = re.compile(r"d(\w+)\s*/\s*dt\s*=(?!=)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Assignment:
    """``name = value``, the value an expression that has been checked; ``d name/dt = value`` if it is a derivative."""

    name: str
    value: ast.expr
    derivative: bool = False


def expression(text: str, names: Collection[str], what: str) -> ast.expr:
    """An expression of numbers, those names, arithmetic, comparisons, ``a if b else c`` and `FUNCTIONS`.

    Raises ``ValueError`` that names ``what``, the text and what is wrong with it.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{what}: {text.strip()!r} is not an expression ({error.msg})") from None
    _check(tree, frozenset(names), f"{what}: {text.strip()!r}")
    return tree


def _check(node: ast.expr, names: frozenset[str], where: str) -> None:
    match node:
        case ast.Constant(value=int() | float() as number) if type(number) is not bool and abs(number) <= _LARGEST:
            children: list[ast.expr] = []
        case ast.Name():
            if node.id not in names:
                raise ValueError(f"{where} uses {node.id!r}, which is none of {', '.join(sorted(names))}")
            children = []
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            children = [left, right]
        case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _OPERATORS):
            children = [operand]
        case ast.BoolOp(values=values):
            children = values
        case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(op, _COMPARISONS):
            children = [left, right]
        case ast.IfExp(test=test, body=body, orelse=other):
            children = [test, body, other]
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
            if FUNCTIONS.get(function) != len(args):
                known = ", ".join(f"{name}({', '.join('xy'[:count])})" for name, count in FUNCTIONS.items())
                raise ValueError(f"{where} calls {ast.unparse(node)}; there are {known}")
            children = args
        case _:
            raise ValueError(f"{where} may not use {ast.unparse(node)!r}")
    for child in children:
        _check(child, names, where)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for part in line.split("#")[0].split(";"):
            if part.strip():
                yield part.strip()


def differential(text: str, names: Collection[str], what: str = "equations") -> list[Assignment]:
    """Lines ``dx/dt = ...`` and ``y = ...``, the latter for names of one's own that later lines may use.

    Raises ``ValueError`` as `expression` does, and where a name is given twice.
    """
    lines = [(line, _DERIVATIVE.fullmatch(line)) for line in _lines(text)]
    states = [match[1] for _, match in lines if match]
    known, found = {*names, *states}, []
    for line, match in lines:
        name, value = (match[1], match[2]) if match else _split(line, what)
        if (match and states.count(name) > 1) or (not match and name in known):
            raise ValueError(f"{what}: {line!r} defines {name!r} a second time")
        found.append(Assignment(name, expression(value, known, what), match is not None))
        if not match:
            known.add(name)
    return found


def assignments(text: str, names: Collection[str], targets: Collection[str], what: str) -> list[Assignment]:
    """Statements ``x = ...``, ``x += ...`` and the like, separated by ``;`` or lines, to some of the names.

    Raises ``ValueError`` as `expression` does, and for any other target.
    """
    found = []
    for line in _lines(text):
        augmented = re.fullmatch(r"(\w+)\s*([-+*/])=(?!=)(.*)", line)
        name, value = (augmented[1], augmented[3]) if augmented else _split(line, what)
        if name not in targets:
            raise ValueError(f"{what}: {line!r} must change one of {', '.join(sorted(targets))}")
        tree = expression(value, names, what)
        if augmented:
            whole = ast.parse(f"{name} {augmented[2]} 0", mode="eval").body
            assert isinstance(whole, ast.BinOp)
            whole.right = tree
            tree = whole
        found.append(Assignment(name, tree))
    return found


def _split(line: str, what: str) -> tuple[str, str]:
    match = re.fullmatch(r"(\w+)\s*=(?!=)(.*)", line, re.DOTALL)
    if match is None or not match[1].isidentifier():
        raise ValueError(f"{what}: {line!r} is not of the form 'name = expression'")
    return match[1], match[2]


def render(node: ast.expr, target: Target) -> str:
    """The program text of an expression, for arrays or for the numbers of one neuron; both round alike."""

    def of(part: ast.expr) -> str:
        return render(part, target)

    match node:
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return _power(of(base), exponent, of(exponent), target)
        case ast.BinOp(left=left, op=op, right=right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(op)]
            return f"({of(left)} {sign} {of(right)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"np.logical_not({of(operand)})" if target == "arrays" else f"(not {of(operand)})"
        case ast.UnaryOp(op=op, operand=operand):
            return f"({'-' if isinstance(op, ast.USub) else '+'}{of(operand)})"
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            if target == "numbers":
                return "(" + f" {word} ".join(f"({of(value)} != 0)" for value in values) + ")"
            joined = of(values[0])
            for value in values[1:]:
                joined = f"np.logical_{word}({joined}, {of(value)})"
            return joined
        case ast.IfExp(test=test, body=body, orelse=other):
            if target == "arrays":
                return f"np.where({of(test)}, {of(body)}, {of(other)})"
            return f"({of(body)} if {of(test)} else {of(other)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            text: str = ast.unparse(ast.Compare(ast.Name("x"), [op], [ast.Name("y")])).split()[1]
            return f"({of(left)} {text} {of(right)})"
        case ast.Call(func=ast.Name(id=function), args=args):
            names = {"sqrt": "np.sqrt", "abs": "np.abs", "min": "np.minimum", "max": "np.maximum"}
            own = function if target == "arrays" else f"{function}_of"
            return f"{names.get(function, own)}({', '.join(of(argument) for argument in args)})"
        case ast.Constant(value=value):
            return repr(float(value))  # type: ignore[arg-type]
        case _:
            return ast.unparse(node)


def _power(base: str, exponent: ast.expr, text: str, target: Target) -> str:
    """A power: by multiplication for a whole exponent, else by logarithm."""
    if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and 1 <= exponent.value <= _MOST_FACTORS:
        return "(" + " * ".join([base] * exponent.value) + ")"
    suffix = "" if target == "arrays" else "_of"
    return f"exp{suffix}({text} * log{suffix}({base}))"
