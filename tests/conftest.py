"""Hypothesis profiles: nothing here is timed, and what CI runs is the same every time."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("synaptile", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("synaptile"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "synaptile")
