"""Choosing a plan, its inputs, and arming."""
