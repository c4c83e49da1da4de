"""Instrumentation for our own services."""
