"""Arbiters: fair grants, grants settled a cycle early, and a limit to how long a request may wait."""
