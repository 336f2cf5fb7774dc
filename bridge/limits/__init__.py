"""What a chip cannot do of a network: limits that it breaks, weights that are rounded, and work that takes time."""
