"""The crash matrix: the program is killed at every place where it can be, and must come back knowing everything."""
