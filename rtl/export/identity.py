"""What tells exported networks apart."""

import hashlib
import json
from collections.abc import Mapping

__all__ = ["settings_identity"]


def settings_identity(settings: Mapping[str, object]) -> str:
    """The first 16 digits of a SHA-256 of all settings, whatever their order.

    It is the same for the same settings, and another with a probability of all but 1 in 2**64 for others.
    """
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
