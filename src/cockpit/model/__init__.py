"""Frozen values and pure functions. No input or output, nothing above this layer."""
