"""Applications: networks, the data that they work on, and what they are judged by."""
