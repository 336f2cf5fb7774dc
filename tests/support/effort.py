"""The cases that a long test tries: few by default and in CI, all with SYNAPTILE_THOROUGH=1."""

import os
from typing import TypeVar

__all__ = ["examples"]

T = TypeVar("T")


def examples(few: T, all_of_them: T) -> T:
    """One of the two, such as a number of cases or a list of them."""
    return all_of_them if os.environ.get("SYNAPTILE_THOROUGH") else few
