"""A run as tidy tables: a row for each thing, a column for each of its properties."""

from .export import FORMATS, check_format, to_pandas, to_xarray, write_tables
from .run_tables import Table, run_tables

__all__ = ["FORMATS", "Table", "check_format", "run_tables", "to_pandas", "to_xarray", "write_tables"]
