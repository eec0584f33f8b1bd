"""Scenarios played against the platform: what is said and done, and how the books must stand afterwards."""
