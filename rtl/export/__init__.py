"""The chip, or a part of it, as text for other tools: synthesizable Verilog, and RTLIL."""

from .chip import component_rtlil, export_verilog
from .core_chip import export_core_chip
from .verilog import ExportError

__all__ = ["ExportError", "component_rtlil", "export_core_chip", "export_verilog"]
