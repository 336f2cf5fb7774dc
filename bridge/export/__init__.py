"""What hardware engineers get without Python: an exported chip with a bench, data, and files for their tools."""
