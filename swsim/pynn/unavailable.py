"""Models that PyNN has and synaptile does not have yet: names that say so when they are used."""

from __future__ import annotations

from typing import Any, NoReturn

from pyNN import errors, models
from pyNN.standardmodels import StandardModelType, cells, electrodes, ion_channels, receptors, synapses

from .standardmodels import cells as own_cells
from .standardmodels import electrodes as own_electrodes
from .standardmodels import point_neuron as own_components
from .standardmodels import synapses as own_synapses

__all__ = ["UnavailableError", "find", "names", "refuse", "refuse_other"]


class UnavailableError(errors.NoModelAvailableError, NotImplementedError):
    """A standard model, synapse type or electrode is not available in synaptile yet."""


_KINDS = {
    "cell types": (cells, (own_cells, own_components)),
    "synapse types": (synapses, (own_synapses,)),
    "current sources": (electrodes, (own_electrodes,)),
    "ion channels": (ion_channels, ()),
    "postsynaptic responses": (receptors, (own_components,)),
}


def _models(module: Any) -> dict[str, type]:
    """The standard models that a module defines itself."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, StandardModelType) and value.__module__ == module.__name__
    }


def _available(kind: str) -> list[str]:
    theirs, own = _KINDS[kind]
    return sorted(name for module in own for name in _models(module) if name in _models(theirs))


def refuse(model: type) -> NoReturn:
    """Raise `UnavailableError` for a model, naming it and what there is of its kind."""
    for kind, (theirs, _) in _KINDS.items():
        if model.__name__ in vars(theirs):
            available = ", ".join(_available(kind)) or "none"
            if model.__name__ in _available(kind):
                raise UnavailableError(
                    f"{model.__name__} of {model.__module__} is not a model of synaptile; "
                    f"use synaptile.swsim.{model.__name__}"
                )
            raise UnavailableError(f"{model.__name__} is not available in synaptile yet; available {kind}: {available}")
    raise UnavailableError(f"{model.__name__} of {model.__module__} is not a model of synaptile")


def refuse_other(parameter: str, value: Any, wanted: str) -> NoReturn:
    """Raise for what is no model of synaptile: `UnavailableError` if it is one of PyNN's, else ``TypeError``."""
    model = value if isinstance(value, type) else type(value)
    if issubclass(model, models.BaseModelType) or model in _UNAVAILABLE.values():
        refuse(model)
    raise TypeError(f"{parameter} must be {wanted}, not {value!r}")


def _refusing(model: type) -> type:
    def __new__(cls: type, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: N807
        refuse(model)

    return type(model.__name__, (), {"__new__": __new__, "__doc__": f"{model.__name__}: not available yet."})


def _all() -> dict[str, type]:
    found: dict[str, type] = {}
    for kind, (theirs, _) in _KINDS.items():
        for name, model in _models(theirs).items():
            if name not in _available(kind):
                found[name] = _refusing(model)
    return found


_UNAVAILABLE = _all()


def names() -> list[str]:
    """The names of all models that PyNN has and synaptile does not have."""
    return sorted(_UNAVAILABLE)


def find(name: str) -> type | None:
    """The class that stands in for such a model and raises when it is used, or None if PyNN has no model ``name``."""
    return _UNAVAILABLE.get(name)
