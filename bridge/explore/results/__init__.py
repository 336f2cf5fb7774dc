"""What became of a study, for people: tables, pictures, a page, files and commands."""
