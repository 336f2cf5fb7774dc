"""The chip, or a part of it, as text for other tools: synthesizable Verilog, and RTLIL."""

from .chip import ExportError, component_rtlil, export_verilog

__all__ = ["ExportError", "component_rtlil", "export_verilog"]
