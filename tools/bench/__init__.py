"""Benchmarks in guest instructions: what kernels with run=figures print, gathered and compared."""
