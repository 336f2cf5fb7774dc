"""How clusters are put on tiles: what is put together at once, and what is searched for."""
