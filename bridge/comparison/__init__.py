"""Two runs of one network compared, spike by spike."""
