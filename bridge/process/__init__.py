"""The process that a command runs in: its standard streams, and the signals that end it."""
