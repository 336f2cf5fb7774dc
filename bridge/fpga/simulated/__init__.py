"""A board without a board: the gates of a chip and its host link, compiled, with a serial line that a host can use."""
