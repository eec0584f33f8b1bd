"""Suites and benchmarks: what is stochastic or large, run by hand or by a gate, never by the deterministic tests."""
