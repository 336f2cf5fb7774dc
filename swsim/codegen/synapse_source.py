"""The program text of the effect of a spike at a synapse of a `synapse_definition.SynapseDefinition`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .equations import names_in
from .neuron_source import statements
from .printer import Target, choose, number
from .synapse_event import Event
from .user_functions import UserFunction

if TYPE_CHECKING:
    from .synapse_definition import SynapseDefinition

__all__ = [
    "event_source", "factors_source", "kernel_arrays", "kernel_event_source", "kernel_source", "value_source",
]  # fmt: skip

_ARGUMENTS = "dt, _step, _index, _random, _sign, _weight, _delay, _last_pre, _last_post"


def _past(definition: SynapseDefinition) -> list[str]:
    return [text for name in definition.laws for text in (f"_changed_{name}", f"_before_{name}")]


def _solved(definition: SynapseDefinition, event: Event) -> list[str]:
    """The variables whose solution has an exponential that the event needs."""
    return [name for name, law in definition.laws.items() if name in event.uses and law.numerator is not None]


def factors_source(definition: SynapseDefinition, event: Event) -> str:
    """A function for arrays: the exponential of the solution of each variable that needs one.

    The exponential of `elementary`: compiled code gets the result, or calculates the same bits.
    """
    solved = _solved(definition, event)
    needed = _in_laws(definition, solved)
    body = [f"{name} = {name}[_index]" for name in definition.parameters if name in needed]
    for name in solved:
        time = f"((_step - _changed_{name}[_index]) * dt)"
        body.append(f"_factor_{name} = exp({definition.laws[name].exponent(time, 'arrays')})")
    body.append(f"return ({''.join(f'_factor_{name}, ' for name in solved)})")
    arguments = ["dt", "_step", "_index", *_past(definition), *definition.parameters]
    return _function(arguments, body)


def value_source(definition: SynapseDefinition, variable: str) -> str:
    """A function for arrays: a variable with an equation at any time, for all synapses."""
    law, time = definition.laws[variable], "_time"
    exponent = law.exponent(time, "arrays")
    body = [f"{time} = (_step - _changed) * dt"]
    if exponent is not None:
        body.append(f"_factor = exp({exponent})")
    # Of the shape of all synapses also where nothing changes.
    body.append(f"return {law.solution('_state', time, '_factor', 'arrays')} + np.zeros(len(_state))")
    return _function(["dt", "_step", "_state", "_changed", *definition.parameters], body)


def _in_laws(definition: SynapseDefinition, variables: Iterable[str]) -> set[str]:
    """The parameters in the equations of those variables."""
    laws = [definition.laws[name] for name in variables if name in definition.laws]
    parts = [part for law in laws for part in (law.numerator, law.denominator, law.constant) if part is not None]
    return set().union(*(names_in(part) for part in parts))


def event_source(definition: SynapseDefinition, event: Event, target: Target) -> str:
    """A function that takes a spike at some synapses, for arrays or to be compiled; it returns the weights that act."""
    arguments = [
        *_ARGUMENTS.split(", "), *(f"_state_{name}" for name in definition.variables), *_past(definition),
        *(f"_factor_{name}" for name in _solved(definition, event)), *(f"_P_{name}" for name in definition.parameters),
    ]  # fmt: skip
    lines = _effect(definition, event, target, "" if target == "arrays" else "[_k]")
    if event.sent is not None:
        lines.append(f"_sent{'' if target == 'arrays' else '[_k]'} = {_weight_sent(event.sent, target)}")
    if target == "arrays":
        body = ["_i = _index", *lines]
    else:
        loop = ["_i = _index[_k]", *lines]
        body = ["_sent = np.empty(len(_index))", "for _k in range(len(_index)):", *(f"    {line}" for line in loop)]
    return _function(arguments, [*body, *(["return _sent"] if event.sent is not None else [])])


def kernel_event_source(definition: SynapseDefinition, event: Event) -> str:
    """A function that takes a spike at some synapses in the compiled loop, to be compiled.

    The synapses are ``_index[_first:_last]``; the weights of a presynaptic spike go to the ring buffer.
    """
    lines = []
    if event.draws:
        lines += ["_random = _uniform(_stream[_i], _drawn[_i])", "_drawn[_i] += np.uint64(1)"]
    lines += _effect(definition, event, "numbers", "")
    if event.sent is not None:
        lines.append(f"_add(_line, _base + _offset[_k], {_weight_sent(event.sent, 'numbers')})")
    lines.append(f"_last_{event.side}[_i] = _step")
    loop = ["_i = np.uint64(_index[_k])", *lines]
    return _function(
        [*_ROW, *kernel_arrays(definition)], ["for _k in range(_first, _last):", *(f"    {line}" for line in loop)]
    )


_ROW = ("_index", "_first", "_last", "_offset", "_line", "_base", "dt", "_step", "_sign")


def kernel_arrays(definition: SynapseDefinition) -> list[str]:
    """The arrays of all synapses that the functions of `kernel_event_source` take, in their order."""
    return [
        "_weight", "_delay", "_last_pre", "_last_post", "_stream", "_drawn",
        *(f"_state_{name}" for name in definition.variables), *_past(definition),
        *(f"_P_{name}" for name in definition.parameters),
    ]  # fmt: skip


def kernel_source(definition: SynapseDefinition, words: Mapping[str, int]) -> str:
    """The kernel that the compiled loop calls, see `kernels.synapses.frame`; ``words`` are where each array is."""
    kinds = {"_last_pre": "numbers", "_last_post": "numbers", "_stream": "keys", "_drawn": "keys"}
    kinds |= {f"_changed_{name}": "numbers" for name in definition.laws}
    body = ["_line, _base, _ports, _spikes = _header(_frame)", f"dt, _sign = _floats(_frame, {words['constants']})[:2]"]
    body += ["_fired = _fired_in(_frame)", "_step = _frame[_STEP]", f"_offset = _indices(_frame, {words['offset']})"]
    body += [f"{name} = _{kinds.get(name, 'floats')}(_frame, {words[name]})" for name in kernel_arrays(definition)]
    body.append(f"_rooms = _numbers(_frame, {words['rooms']})")
    sides = ["pre", *(["post"] if definition.post is not None else [])]
    for k, side in enumerate(("pre", "post")):
        for part in ("rows", "start", "delay"):
            body.append(f"_{side}_{part} = _numbers(_frame, {words[f'{side}_{part}']})")
        body.append(f"_{side}_edge = _indices(_frame, {words[f'{side}_edge']})")
        places = ", ".join(str(words[f"{side}_{part}"]) for part in ("delays", "history", "count"))
        body.append(f"_{side}_past = _history_of(_frame, {places}, _rooms[{k}])")
    due = [line for side in reversed(sides) for line in _take_due(definition, side)]
    now = [line for side in sides for line in _take_now(definition, side)]
    body += ["if _frame[_PHASE] == _DUE:", *(f"    {line}" for line in ["_base += _ports", *due])]
    body += ["else:", *(f"    {line}" for line in now)]
    return "\n".join(["def step(_frame):", *(f"    {line}" for line in body)]) + "\n"


def _call(definition: SynapseDefinition, side: str) -> str:
    row = f"_{side}_edge, _{side}_start[_row], _{side}_start[_row + 1], _offset, _line, _base, dt, _step, _sign"
    return f"_take_{side}({row}, {', '.join(kernel_arrays(definition))})"


def _take_due(definition: SynapseDefinition, side: str) -> list[str]:
    """The lines that take spikes of earlier steps, as `kernels.synapses.spike_timing` does."""
    return [
        f"for _wait in _{side}_past.delays:",
        f"    _place = (_step - _wait) % len(_{side}_past.count)",
        f"    for _n in range(_seen_by(_{side}_past, _step, _wait)):",
        f"        _row, _end = _{side}_past.entries[_place, _n, 1], "
        f"_{side}_rows[_{side}_past.entries[_place, _n, 0] + 1]",
        f"        while _row < _end and _{side}_delay[_row] <= _wait:",
        f"            {_call(definition, side)}",
        "            _row += 1",
        f"        _{side}_past.entries[_place, _n, 1] = _row",
    ]


def _take_now(definition: SynapseDefinition, side: str) -> list[str]:
    """The lines that take the spikes of a step where they are at once, and keep them for the others."""
    return [
        f"for _n in {'_spikes' if side == 'pre' else '_fired'}:",
        f"    _row, _end = _{side}_rows[_n], _{side}_rows[_n + 1]",
        f"    if _row < _end and _{side}_delay[_row] == 0:",
        f"        {_call(definition, side)}",
        "        _row += 1",
        "    if _row < _end:",
        f"        _note(_{side}_past, _step, _n, _row)",
    ]


def _weight_sent(sent: ast.expr | UserFunction, target: Target) -> str:
    return f"_sign * {sent.call if isinstance(sent, UserFunction) else number(sent, target)}"


def _effect(definition: SynapseDefinition, event: Event, target: Target, place: str) -> list[str]:
    """The lines of the rule; ``place`` is behind the names of random numbers and factors."""
    lines = [*_load(definition, event, target, place), *statements(event.lines, target)]
    return [*lines, *_store(definition, event, target)]


def _load(definition: SynapseDefinition, event: Event, target: Target, place: str) -> Iterator[str]:
    """Yield the lines that load the values that the event uses; numbers without a place have a factor of their own."""
    given = {
        "w": "_sign * _weight[_i]",
        "delay": "_delay[_i]",
        "since_pre": "(_step - _last_pre[_i]) * dt",
        "since_post": "(_step - _last_post[_i]) * dt",
        "random": f"_random{place}",
    }
    yield from (f"{name} = {text}" for name, text in given.items() if name in event.uses)
    needed = event.uses | _in_laws(definition, event.uses)
    yield from (f"{name} = _P_{name}[_i]" for name in definition.parameters if name in needed)
    for name in definition.variables:
        if name not in event.uses:
            continue
        if name not in definition.laws:
            yield f"{name} = _state_{name}[_i]"
            continue
        time = f"((_step - _changed_{name}[_i]) * dt)"
        exponent = definition.laws[name].exponent(time, target)
        if target == "numbers" and not place and exponent is not None:
            yield f"_factor_{name} = exp_of({exponent})"
        yield f"{name} = {definition.laws[name].solution(f'_state_{name}[_i]', time, f'_factor_{name}{place}', target)}"
        if definition.one_sided(name) not in (None, event.side):
            now = f"(_changed_{name}[_i] == _step)"
            yield f"{name} = {choose(target).format(now, f'_before_{name}[_i]', name)}"
        if name in event.changes:
            yield f"_found_{name} = {name}"


def _store(definition: SynapseDefinition, event: Event, target: Target) -> Iterator[str]:
    """Yield the lines that store the values that it changes."""
    if "w" in event.changes:
        yield "_weight[_i] = _sign * w"
    for name in definition.variables:
        if name not in event.changes:
            continue
        if name in definition.laws:
            now = f"(_changed_{name}[_i] == _step)"
            before = choose(target).format(now, f"_before_{name}[_i]", f"_found_{name}")
            yield f"_before_{name}[_i] = {before}"
            yield f"_changed_{name}[_i] = _step"
        yield f"_state_{name}[_i] = {name}"


def _function(arguments: Sequence[str], body: Sequence[str]) -> str:
    head = f"def step({', '.join(arguments)}):"
    return "\n".join([head, *(f"    {line}" for line in body or ["pass"])]) + "\n"
