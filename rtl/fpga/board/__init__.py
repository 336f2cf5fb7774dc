"""The top level of a board: clock, reset, and lights around the chip."""
