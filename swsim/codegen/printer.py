"""Checked expressions as program text, for whole arrays or for numbers."""

from __future__ import annotations

import ast
from typing import Literal

from .functions import FUNCTIONS

__all__ = ["Target", "choose", "condition", "number"]

Target = Literal["arrays", "numbers"]

_MAX_FACTORS = 16


def choose(target: Target) -> str:
    """Program text with places for a condition and the two values that it chooses from."""
    function = FUNCTIONS["where"]
    return function.arrays if target == "arrays" else function.numbers


def number(node: ast.expr, target: Target) -> str:
    """An expression as a number: a condition is 1 or 0."""
    text = condition(node, target)
    # NumPy would take the sum of two conditions for their disjunction.
    return f"(1.0 * {text})" if _is_condition(node) else text


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def condition(node: ast.expr, target: Target) -> str:
    """An expression as it is: a condition stays one. Arrays and numbers are rounded alike."""

    def of(part: ast.expr) -> str:
        return number(part, target)

    match node:
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return _power(of(base), exponent, of(exponent), target)
        case ast.BinOp(left=left, op=op, right=right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(op)]
            return f"({of(left)} {sign} {of(right)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            text = condition(operand, target)
            return f"np.logical_not({text})" if target == "arrays" else f"(not {text})"
        case ast.UnaryOp(op=op, operand=operand):
            return f"({'-' if isinstance(op, ast.USub) else '+'}{of(operand)})"
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            if target == "numbers":
                return "(" + f" {word} ".join(f"({of(value)} != 0)" for value in values) + ")"
            joined = condition(values[0], target)
            for value in values[1:]:
                joined = f"np.logical_{word}({joined}, {condition(value, target)})"
            return joined
        case ast.IfExp(test=test, body=body, orelse=other):
            return _call("where", [test, body, other], target)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            text = ast.unparse(ast.Compare(ast.Name("x"), [op], [ast.Name("y")])).split()[1]
            return f"({of(left)} {text} {of(right)})"
        case ast.Call(func=ast.Name(id=function), args=args):
            return _call(function, args, target)
        case ast.Constant(value=value):
            return repr(float(value))  # type: ignore[arg-type]
        case _:
            return ast.unparse(node)


def _call(name: str, arguments: list[ast.expr], target: Target) -> str:
    function = FUNCTIONS[name]
    first = condition if name == "where" else number
    texts = [first(arguments[0], target), *(number(argument, target) for argument in arguments[1:])]
    return (function.arrays if target == "arrays" else function.numbers).format(*texts)


def _power(base: str, exponent: ast.expr, text: str, target: Target) -> str:
    """A power: by multiplication for a whole exponent, else by logarithm."""
    if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int) and 1 <= exponent.value <= _MAX_FACTORS:
        return "(" + " * ".join([base] * exponent.value) + ")"
    suffix = "" if target == "arrays" else "_of"
    return f"exp{suffix}({text} * log{suffix}({base}))"
