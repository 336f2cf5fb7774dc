"""The program text of one step of a `neuron_model.Definition`: for arrays, and for one neuron after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .printer import Target, condition, number
from .user_functions import UserFunction

if TYPE_CHECKING:
    from .equations import Line
    from .neuron_definition import Definition

__all__ = ["frame_source", "kernel_source", "reference_source", "statements"]

_ARGUMENTS = "dt, _substeps, _current, _arriving, _refractory, _hold"


def _derivatives(definition: Definition, k: str, states: Sequence[str], target: Target) -> Iterator[str]:
    """``k`` with each state's number: the derivatives at the variables called ``states``, which have the states' names
    while this is calculated."""
    for name, source in zip(definition.states, states, strict=True):
        if name != source:
            yield f"{name} = {source}"
    for line in definition.lines:
        if isinstance(line, UserFunction):
            yield f"{', '.join(f'_{k}_{name}' for name in line.results)} = {line.call}"
        else:
            yield f"{f'_{k}_{line.name}' if line.derivative else line.name} = {number(line.value, target)}"


def _substep(definition: Definition, target: Target) -> Iterator[str]:
    """One substep of length h, from the state variables to themselves."""
    states = definition.states
    if definition.method == "euler":
        yield from _derivatives(definition, "k1", states, target)
        for name in states:
            yield f"{name} = {name} + _h * _k1_{name}"
        return
    for name in states:
        yield f"_y_{name} = {name}"
    for stage, share in (("k1", ""), ("k2", "(0.5 * _h)"), ("k3", "(0.5 * _h)"), ("k4", "_h")):
        before = f"_k{int(stage[1]) - 1}"
        points = [f"_y_{name} + {share} * {before}_{name}" if share else f"_y_{name}" for name in states]
        yield from _derivatives(definition, stage, points, target)
    for name in states:
        k1, k2, k3, k4 = (f"_{stage}_{name}" for stage in ("k1", "k2", "k3", "k4"))
        yield f"{name} = _y_{name} + (_h / 6.0) * (({k1} + 2.0 * ({k2} + {k3})) + {k4})"


def statements(lines: Sequence[Line], target: Target) -> Iterator[str]:
    """Assignments, or the call of a function, as program text."""
    for line in lines:
        if isinstance(line, UserFunction):
            yield f"{', '.join(line.results)} = {line.call}"
        else:
            yield f"{line.name} = {number(line.value, target)}"


def _threshold(definition: Definition, target: Target) -> str:
    value = definition.condition
    return value.call if isinstance(value, UserFunction) else condition(value, target)


def _source(arguments: Sequence[str], body: Sequence[str]) -> str:
    head = f"def step({_ARGUMENTS}, {', '.join(arguments)}):"
    return "\n".join([head, *(f"    {line}" for line in body)]) + "\n"


def _nested(head: str, lines: Iterator[str]) -> list[str]:
    return [head, *(f"    {line}" for line in lines)]


def reference_source(definition: Definition) -> str:
    """A function of whole arrays: it changes the arrays of state variables in place and returns who fires."""
    states, parameters = definition.states, tuple(definition.parameters)
    body = ["_h = dt / _substeps", "I = _current", "_held = _refractory > 0"]
    body += [f"{name} = _S_{name}.copy()" for name in states]
    body += _nested("for _n in range(_substeps):", _substep(definition, "arrays"))
    for row, lines in enumerate(definition.receptor_lines.values()):
        body += [f"w = _arriving[{row}]", *statements(lines, "arrays")]
    body += [f"{name} = np.where(_held, _S_{name}, {name})" for name in definition.clamped]
    body.append(f"_fired = np.logical_and(np.logical_not(_held), {_threshold(definition, 'arrays')})")
    body += ["_refractory -= _held", "_refractory[_fired] = _hold[_fired]"]
    body += [f"_S_{name}[:] = {name}" for name in states]
    # Where nobody fires there is nothing to reset.
    reset = [f"{name} = _S_{name}[_fired]" for name in states] + [f"{name} = {name}[_fired]" for name in parameters]
    reset += [*statements(definition.reset_lines, "arrays"), *(f"_S_{name}[_fired] = {name}" for name in states)]
    body += _nested("if _fired.any():", iter(reset))
    body.append("return _fired")
    return _source([*(f"_S_{name}" for name in states), *parameters], body)


def kernel_source(definition: Definition) -> str:
    """The same for the compiler: a loop over the neurons."""
    states, parameters = definition.states, tuple(definition.parameters)
    loop = ["I = _current[_i]", "_held = _refractory[_i] > 0"]
    loop += [f"{name} = _P_{name}[_i]" for name in parameters]
    loop += [f"{name} = _S_{name}[_i]" for name in states]
    loop += _one_neuron(definition, {name: f"_S_{name}[_i]" for name in states})
    body = ["_h = dt / _substeps", "_fired = np.zeros(len(_current), np.bool_)"]
    body += [*_nested("for _i in range(len(_current)):", iter(loop)), "return _fired"]
    return _source([*(f"_S_{name}" for name in states), *(f"_P_{name}" for name in parameters)], body)


def frame_source(definition: Definition) -> str:
    """The same as a kernel that the compiled loop calls, see `kernels.frame`.

    The coefficients are the time step and the parameters, in the order of the definition.
    """
    states, parameters = definition.states, tuple(definition.parameters)
    loop = ["I = _flow[_i] if len(_flow) else 0.0", "_held = _refractory[_i] > 0"]
    loop += [f"{name} = _c[{row}, _i]" for row, name in enumerate(parameters, 1)]
    places = {name: f"_s[{row}, _i]" for row, name in enumerate(states)}
    loop += [f"{name} = {place}" for name, place in places.items()]
    loop += ["_fired[_i] = 0", *_one_neuron(definition, places)]
    loop += [f"_arriving[{row}, _i] = 0.0" for row in range(len(definition.receptor_lines))]
    unpacked = "_a, _z, _substeps, _1, _2, _c, _s, _hold, _refractory, _fired, _arriving, _flow = unpack(_frame)"
    body = [unpacked, "dt = _c[0, _a]", "_h = dt / _substeps", *_nested("for _i in range(_a, _z):", iter(loop))]
    return "\n".join(["def step(_frame):", *(f"    {line}" for line in body)]) + "\n"


def _one_neuron(definition: Definition, places: Mapping[str, str]) -> Iterator[str]:
    """The step of neuron ``_i``, whose state variables are stored in those places."""
    yield from _nested("for _n in range(_substeps):", _substep(definition, "numbers"))
    for row, lines in enumerate(definition.receptor_lines.values()):
        yield from (f"w = _arriving[{row}, _i]", *statements(lines, "numbers"))
    if definition.clamped:
        yield from _nested("if _held:", (f"{name} = {places[name]}" for name in definition.clamped))
    yield from _nested("if _held:", iter(["_refractory[_i] -= 1"]))
    yield from _nested(
        f"elif {_threshold(definition, 'numbers')}:",
        iter(["_fired[_i] = True", "_refractory[_i] = _hold[_i]", *statements(definition.reset_lines, "numbers")]),
    )
    yield from (f"{place} = {name}" for name, place in places.items())
