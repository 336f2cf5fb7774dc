"""Results as JSON that any reader takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["json_text", "write_json"]


def json_text(values: Mapping[str, Any]) -> str:
    """Return JSON on several lines, with null for numbers that JSON does not have: what is infinite, and no number."""
    return json.dumps(_finite(values), indent=2, allow_nan=False)


def write_json(path: str | Path, values: Mapping[str, Any]) -> Path:
    """Write `json_text` as a whole file; return its path. Raises ``OSError`` with the file's name."""
    from synaptile.swsim.base.whole_file import write_text  # later, so that printing JSON does without the simulator

    return write_text(path, json_text(values) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
