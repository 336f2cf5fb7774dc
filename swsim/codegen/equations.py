"""Equations as text: reading and checking them."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .functions import FUNCTIONS, array_names
from .user_functions import UserFunction

__all__ = [
    "Assignment",
    "Line",
    "assignments",
    "check_parameters",
    "differential",
    "expression",
    "is_name",
    "names_in",
    "split_names",
    "targets",
]

_MAX_NUMBER = 1e300
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_DERIVATIVE = re.compile(r"d(\w+)\s*/\s*dt\s*=(?!=)(.*)", re.DOTALL)
_RESERVED = {"I", "dt", "w", "np", "range", "len", *FUNCTIONS, *array_names()}


def is_name(name: str) -> bool:
    """Return whether a variable may be called so: a name without a meaning that does not begin with an underscore.

    Those are kept for the program around the equations.
    """
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_") and name not in _RESERVED


def check_parameters(parameters: Collection[str]) -> None:
    """Raise ``ValueError`` unless all parameters may be called so."""
    for name in parameters:
        if not is_name(name):
            raise ValueError(f"parameters: {name!r} is not a name, or has a meaning already")


@dataclass(frozen=True)
class Assignment:
    """``name = value``, the value an expression that has been checked; ``d name/dt = value`` if it is a derivative."""

    name: str
    value: ast.expr
    derivative: bool = False


Line = Assignment | UserFunction
"""A line of a program: an assignment, or a function that calculates several values at once."""


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
        case ast.Constant(value=int() | float() as number) if type(number) is not bool and abs(number) <= _MAX_NUMBER:
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
            if function not in FUNCTIONS or FUNCTIONS[function].arguments != len(args):
                known = ", ".join(f"{name}({', '.join('xyz'[: f.arguments])})" for name, f in FUNCTIONS.items())
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


def assignments(
    text: str, names: Collection[str], targets: Collection[str], what: str, *, own: bool = False
) -> list[Assignment]:
    """Statements ``x = ...``, ``x += ...`` and the like, separated by ``;`` or lines, to some of the names.

    With ``own`` they may also give names of their own to what later ones use.

    Raises ``ValueError`` as `expression` does, and for any other target.
    """
    found, known = [], set(names)
    for line in _lines(text):
        augmented = re.fullmatch(r"(\w+)\s*([-+*/])=(?!=)(.*)", line)
        name, value = (augmented[1], augmented[3]) if augmented else _split(line, what)
        new = own and name not in names and is_name(name)
        if name not in targets and not new:
            raise ValueError(f"{what}: {line!r} must change one of {', '.join(sorted(targets))}")
        tree = expression(value, known, what)
        if augmented:
            whole = expression(f"{name} {augmented[2]} 0", known, what)
            assert isinstance(whole, ast.BinOp)
            whole.right = tree
            tree = whole
        found.append(Assignment(name, tree))
        known.add(name)
    return found


def names_in(node: ast.expr) -> set[str]:
    """The names of parameters and variables in an expression."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names - {
        part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    }


def _split(line: str, what: str) -> tuple[str, str]:
    match = re.fullmatch(r"(\w+)\s*=(?!=)(.*)", line, re.DOTALL)
    if match is None or not match[1].isidentifier():
        raise ValueError(f"{what}: {line!r} is not of the form 'name = expression'")
    return match[1], match[2]


def split_names(text: str) -> tuple[str, ...]:
    """The names in a list such as ``v, u``."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def targets(text: str, known: Collection[str], what: str) -> tuple[str, ...]:
    """The names in a list of what a function returns; ``ValueError`` unless each may change and is there once."""
    names = split_names(text)
    for name in names:
        if name not in known or names.count(name) > 1:
            raise ValueError(f"{what}: {text!r} must name some of {', '.join(sorted(known))}, each once")
    if not names:
        raise ValueError(f"{what}: {text!r} must name what the function returns")
    return names
