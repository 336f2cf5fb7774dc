"""Linear equations of one variable, taken apart so that they can be solved exactly."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .equations import Assignment, names_in
from .printer import Target, choose, number

__all__ = ["Linear", "linear"]


@dataclass(frozen=True)
class Linear:
    """``dx/dt = numerator / denominator * x + constant``; what is None is not there."""

    numerator: ast.expr | None
    denominator: ast.expr | None
    constant: ast.expr | None

    def exponent(self, time: str, target: Target = "arrays") -> str | None:
        """Program text of what to take the exponential of after that time; None if that is nothing."""
        if self.numerator is None:
            return None
        text = f"({number(self.numerator, target)} * {time})"
        return text if self.denominator is None else f"({text} / {number(self.denominator, target)})"

    def solution(self, x: str, time: str, factor: str, target: Target) -> str:
        """Program text of the variable after that time; ``factor`` is the exponential."""
        if self.constant is None:
            return x if self.numerator is None else f"({x} * {factor})"
        constant = number(self.constant, target)
        straight = f"({x} + {constant} * {time})"
        if self.numerator is None:
            return straight
        rate = number(self.numerator, target)
        end = constant if self.denominator is None else f"({constant} * {number(self.denominator, target)})"
        end = f"(-{end} / {rate})"
        bent = f"({end} + ({x} - {end}) * {factor})"
        return choose(target).format(f"({rate} == 0)", straight, bent)


def linear(line: Assignment) -> Linear:
    """The derivative ``line``; ``ValueError`` unless it is linear in its own variable."""
    coefficient, constant = _parts(line.value, line.name)
    numerator, denominator = coefficient or (None, None)
    return Linear(numerator, denominator, constant)


Coefficient = tuple[ast.expr, ast.expr | None]


def _parts(node: ast.expr, name: str) -> tuple[Coefficient | None, ast.expr | None]:
    """The coefficient of a name, as numerator and denominator, and what has none of it."""
    if name not in names_in(node):
        return None, node
    match node:
        case ast.Name():
            return (ast.Constant(1), None), None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            of, rest = _parts(operand, name)
            changed = None if of is None else (ast.UnaryOp(sign, of[0]), of[1])
            return changed, None if rest is None else ast.UnaryOp(sign, rest)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            return _sum(_parts(left, name), sign, _parts(right, name))
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if name not in names_in(left) & names_in(right):
            factor, other = (right, left) if name in names_in(left) else (left, right)
            of, rest = _parts(other, name)
            assert of is not None
            product = None if rest is None else ast.BinOp(factor, ast.Mult(), rest)
            return (ast.BinOp(factor, ast.Mult(), of[0]), of[1]), product
        case ast.BinOp(left=left, op=ast.Div(), right=divisor) if name not in names_in(divisor):
            of, rest = _parts(left, name)
            assert of is not None
            below = divisor if of[1] is None else ast.BinOp(of[1], ast.Mult(), divisor)
            return (of[0], below), None if rest is None else ast.BinOp(rest, ast.Div(), divisor)
    raise ValueError(f"equations: {ast.unparse(node)!r} is not linear in {name!r}; calculate it in on_pre or on_post")


def _sum(
    left: tuple[Coefficient | None, ast.expr | None],
    sign: ast.operator,
    right: tuple[Coefficient | None, ast.expr | None],
) -> tuple[Coefficient | None, ast.expr | None]:
    minus = isinstance(sign, ast.Sub)

    def join(a: ast.expr | None, b: ast.expr | None) -> ast.expr | None:
        if a is None or b is None:
            return a if b is None else ast.UnaryOp(ast.USub(), b) if minus else b
        return ast.BinOp(a, sign, b)

    (a, a_rest), (b, b_rest) = left, right
    rest = join(a_rest, b_rest)
    if a is None or b is None:
        alone = a or b
        assert alone is not None
        return ((ast.UnaryOp(ast.USub(), alone[0]) if minus and a is None else alone[0]), alone[1]), rest
    whole = join(_quotient(a), _quotient(b))
    assert whole is not None
    return (whole, None), rest


def _quotient(coefficient: Coefficient) -> ast.expr:
    numerator, denominator = coefficient
    return numerator if denominator is None else ast.BinOp(numerator, ast.Div(), denominator)
