"""The measurements of `make bench`, one module a subject."""
