"""The program text of the effect of a spike at a synapse of a `synapse_definition.SynapseDefinition`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .equations import names_in
from .neuron_source import statements
from .printer import Target, choose, number
from .synapse_event import Event
from .user_functions import UserFunction

if TYPE_CHECKING:
    from .synapse_definition import SynapseDefinition

__all__ = ["event_source", "factors_source", "value_source"]

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
        body.append(f"_factor_{name} = exp({definition.laws[name].exponent(time)})")
    body.append(f"return ({''.join(f'_factor_{name}, ' for name in solved)})")
    arguments = ["dt", "_step", "_index", *_past(definition), *definition.parameters]
    return _function(arguments, body)


def value_source(definition: SynapseDefinition, variable: str) -> str:
    """A function for arrays: a variable with an equation at any time, for all synapses."""
    law, time = definition.laws[variable], "_time"
    exponent = law.exponent(time)
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
    lines = [*_load(definition, event, target), *statements(event.lines, target), *_store(definition, event, target)]
    if event.sent is not None:
        text = event.sent.call if isinstance(event.sent, UserFunction) else number(event.sent, target)
        lines.append(f"_sent{'' if target == 'arrays' else '[_k]'} = _sign * {text}")
    if target == "arrays":
        body = ["_i = _index", *lines]
    else:
        loop = ["_i = _index[_k]", *lines]
        body = ["_sent = np.empty(len(_index))", "for _k in range(len(_index)):", *(f"    {line}" for line in loop)]
    return _function(arguments, [*body, *(["return _sent"] if event.sent is not None else [])])


def _load(definition: SynapseDefinition, event: Event, target: Target) -> Iterator[str]:
    """Yield the lines that load the values that the event uses."""
    place = "" if target == "arrays" else "[_k]"
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
