"""What the technology of a chip's crossbars makes of a run: energy, programming and wear."""
