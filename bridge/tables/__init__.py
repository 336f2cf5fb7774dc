"""A run as tidy tables: a row for each thing, a column for each of its properties."""

from .export import FORMATS, check_format, to_pandas, to_xarray, write_tables
from .run_tables import run_tables
from .table import Table

__all__ = ["FORMATS", "Table", "check_format", "run_tables", "to_pandas", "to_xarray", "write_tables"]
