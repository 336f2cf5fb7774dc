"""Selection: which of several permitted outputs a packet takes."""
