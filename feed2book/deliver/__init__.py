"""Artifact → the world."""
