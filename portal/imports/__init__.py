"""Data that comes in as files."""
