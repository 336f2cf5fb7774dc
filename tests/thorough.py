"""How many cases a long property test tries: few by default and in CI, all with SYNAPTILE_THOROUGH=1."""

import os

__all__ = ["examples"]


def examples(few: int, all_of_them: int) -> int:
    return all_of_them if os.environ.get("SYNAPTILE_THOROUGH") else few
