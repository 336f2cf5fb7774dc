"""The ground of the simulator: time grid, random streams, parameter rules, arrays, files and interrupts."""
