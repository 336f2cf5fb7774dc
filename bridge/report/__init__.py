"""Part of synaptile."""
