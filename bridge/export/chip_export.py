"""What a chip can be exported as; mixed into `synaptile.bridge.Chip`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from synaptile.swsim.base.whole_file import write_text

from ..config import ChipConfig

if TYPE_CHECKING:
    from .exported_chip import ExportedChip
    from .testbench import Testbench

__all__ = ["ChipExport"]


class ChipExport:
    """The export of a configured chip, with its cores or without."""

    config: ChipConfig
    mode: str
    seed: int
    _engine_name: str
    _threads: int
    _cores: Any

    def export(self, path: str | Path, *, name: str = "synaptile_chip") -> Path:
        """Write the chip's synthesizable Verilog: its network, with the mode ``"on-chip"`` also a core at every tile.

        The top module is called ``name``, and all others begin with it, so that chips of several names can stand in
        one design. The cores are those of the network that was last run on-chip; before there was one, those of the
        configuration, which must then name their neuron model. Raises ``ValueError``, before anything is written, if
        Verilog has no such names, and `ConfigError` if there are no such cores.
        """
        return write_text(path, self.exported.verilog(name))

    def export_testbench(self, folder: str | Path, *, name: str = "synaptile_chip", **options: Any) -> Testbench:
        """Write the same into a folder, with a bench that checks it in any Verilog simulator, and files for tools.

        ``options`` are those of `write_testbench`: ``packets``, ``ticks``, ``seed``. Raises as that does.
        """
        from .testbench import write_testbench

        about: dict[str, Any] = {"engine": self._engine_name, "threads": self._threads, "seed": self.seed} | options
        return write_testbench(self.exported, self.config, folder, name=name, **about)

    @property
    def exported(self) -> ExportedChip:
        """What `export` writes. Raises `ConfigError` if there are no such cores."""
        from .exported_chip import ExportedChip

        if self._cores is not None:
            return ExportedChip.of_program(self._cores.program)
        return ExportedChip.of(self.config, self.mode)
