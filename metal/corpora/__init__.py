"""Readers of published corpus formats, one module a format."""
