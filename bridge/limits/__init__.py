"""What a chip cannot do of a network: limits that it breaks, and weights that are rounded."""
