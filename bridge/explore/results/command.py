"""The command that runs a trial's point again, with the same numbers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synaptile.rtl.parameter import Parameter

from ...config import ChipConfig
from ...config.blocks import COMPUTE, LIMITS
from ...config.parameters import CORE, PARAMETERS
from ..names import overrides_of
from ..running.job import script_arguments

if TYPE_CHECKING:
    from ..study import Study
    from ..trial import Trial

__all__ = ["chip_of", "command_of", "needs_file"]

_BLOCKS: dict[str, dict[str, Parameter]] = {"core": CORE, "limits": LIMITS, "compute": COMPUTE}


def chip_of(study: Study, trial: Trial) -> ChipConfig:
    """Return a trial's chip. Raises `ConfigError` if there is no such chip."""
    return study.base.replace(**overrides_of(study.full_point(trial.point)))


def needs_file(study: Study, trial: Trial) -> bool:
    """Whether a trial's chip cannot be said by options alone, so that the command needs a file of it."""
    return _options(study, trial) is None


def command_of(study: Study, trial: Trial, chip_file: Path | None = None) -> str:
    """Return the command, for the current folder.

    Parameters
    ----------
    study, trial
        The trial and its study.
    chip_file
        Where `chip_of` is, or will be, written, if it `needs_file`.
    """
    point = study.full_point(trial.point)
    chip = _options(study, trial)
    if chip is None:
        assert chip_file is not None
        chip = ["--chip", _place(chip_file)]
    words = ["synaptile"]
    if study.trace is not None:
        words += ["replay", _place(study.trace)]
    else:
        words += ["run", _place(str(study.script)), "--mode", study.mode]
    words += chip
    words += [word for name in ("partition", "placement", "engine", "threads", "seed") if name in point
              for word in (f"--{name}", str(point[name]))]  # fmt: skip
    if study.mapping is not None:
        words += ["--mapping", _place(study.mapping)]
    if study.profile is not None:
        words += ["--profile", _place(study.profile)]
    if study.inferences is not None:
        words += ["--inferences", str(study.inferences)]
    arguments = script_arguments(study.arguments, point)
    if arguments:
        words += ["--", *arguments]
    return shlex.join(words)


def _options(study: Study, trial: Trial) -> list[str] | None:
    """Return the options that make a trial's chip; None if none do."""
    given = study.chip
    if isinstance(given, str):
        given = {"file" if given.endswith((".yaml", ".yml")) or "/" in given else "preset": given}
    keys: dict[str, Any] = dict(given)
    words: list[str] = []
    if "preset" in keys:
        words = ["--chip", str(keys.pop("preset"))]
    elif "file" in keys:
        words = ["--chip", _place(keys.pop("file"))]
    else:
        return None  # a command begins with a preset or a file
    for key, value in overrides_of(study.full_point(trial.point)).items():
        both = key in keys and isinstance(keys[key], Mapping) and isinstance(value, Mapping)
        keys[key] = {**keys[key], **value} if both else value
    chip = chip_of(study, trial)
    for key, value in keys.items():
        option = _option(key, value, chip)
        if option is None:
            return None
        words += option
    return words


def _option(key: str, value: Any, chip: ChipConfig) -> list[str] | None:
    """Return the option of a chip's key."""
    if key == "crossbar":
        return ["--crossbar", f"{chip.crossbar.axons}x{chip.crossbar.neurons}"]
    if key == "mesh":
        return ["--mesh", f"{chip.rows}x{chip.cols}"]
    if key in _BLOCKS and isinstance(value, Mapping):
        words: list[str] = []
        for name, one in value.items():
            option = _plain(_BLOCKS[key][name].replace(name=f"{key}_{name}"), one) if name in _BLOCKS[key] else None
            if option is None:
                return None
            words += option
        return words
    item = PARAMETERS.get(key)
    return None if item is None or not item.option else _plain(item, value)


def _plain(item: Parameter, value: Any) -> list[str] | None:
    if item.type is bool:
        return [item.options[0]] if value is True else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return [item.options[0], str(value)]


def _place(path: str | Path) -> str:
    """Return a path as it is typed: relative to the current folder if it lies in there."""
    path, here = Path(path).absolute(), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
