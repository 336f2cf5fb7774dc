"""Cell types from equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyNN import errors

from ...codegen.neuron_definition import Code, Definition, Method
from ...codegen.neuron_model import model_of
from .cells import NativeCell

__all__ = ["DefinitionError", "define_cell"]


class DefinitionError(errors.InvalidModelError, ValueError):
    """A model that cannot be what its definition says; the message names the text and the rule."""


def define_cell(
    name: str,
    *,
    equations: Code,
    threshold: str | Callable[..., Any],
    reset: Code,
    parameters: Mapping[str, float],
    initial_values: Mapping[str, float] | None = None,
    on_spike: Mapping[str, Code] | None = None,
    refractory: str | None = None,
    clamped: Sequence[str] = (),
    method: Method = "euler",
    max_substep: float | None = None,
    units: Mapping[str, str] | None = None,
    conductance_based: bool = False,
) -> type[NativeCell]:
    """Return a cell type from equations, in text or as Python functions, to be used like any other.

    Parameters
    ----------
    name
        Of the type.
    equations, threshold, reset, parameters, on_spike, refractory, tuple(clamped), method, max_substep
        See `neuron_model.Definition`. Without ``on_spike`` there are the receptors ``excitatory`` and ``inhibitory``,
        and both add their weights to the first state variable.
    initial_values
        Of the state variables; 0 for those left out.
    units
        Of the state variables, as Neo knows them; without a unit for those left out.
    conductance_based
        Whether weights are conductances, that is, at least 0 also for a receptor called ``inhibitory``.

    Raises
    ------
    DefinitionError
        If the definition is wrong, with the text and the rule.
    """
    try:
        definition = _definition(
            equations, threshold, reset, parameters, on_spike, refractory, tuple(clamped), method, max_substep
        )
    except ValueError as error:
        raise DefinitionError(str(error)) from None
    for what, given in (("initial_values", initial_values), ("units", units)):
        for variable in given or {}:
            if variable not in definition.states:
                raise DefinitionError(f"{what}: {variable!r} is none of {', '.join(definition.states)}")
    attributes: dict[str, Any] = {
        "__doc__": f"{name}, defined by equations.",
        "default_parameters": {key: float(value) for key, value in parameters.items()},
        "default_initial_values": {key: float((initial_values or {}).get(key, 0.0)) for key in definition.states},
        "units": {key: (units or {}).get(key, "dimensionless") for key in definition.states},
        "receptor_types": list(definition.on_spike),
        "conductance_based": conductance_based,
        "model": model_of(name, definition),
    }
    return type(name, (NativeCell,), attributes)


def _definition(
    equations: Code,
    threshold: str | Callable[..., Any],
    reset: Code,
    parameters: Mapping[str, float],
    on_spike: Mapping[str, Code] | None,
    *others: Any,
) -> Definition:
    if on_spike is None:
        first = next(iter(Definition(equations, threshold, reset, parameters, {"excitatory": ""}).states))
        on_spike = {"excitatory": f"{first} += w", "inhibitory": f"{first} += w"}
    return Definition(equations, threshold, reset, dict(parameters), dict(on_spike), *others)
