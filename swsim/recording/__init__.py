"""What is recorded while the simulation goes on."""
