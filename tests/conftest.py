"""Hypothesis profiles (nothing here is timed, and what CI runs is the same every time), and Ctrl-C."""

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile("synaptile", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("synaptile"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "synaptile")

# A shell starts its background jobs with Ctrl-C ignored, and their children inherit that: then nothing that is
# interrupted on purpose here would ever end.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
