"""Where packets waited, and why some were late."""
