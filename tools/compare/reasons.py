"""Where a row of `rules` misses its bar: which instructions stand between. By row, architecture."""

REASONS = {
    ("yield_alone", "aarch64"):
        "of 64, 12 are the section (the context word has no single-instruction update), the rest "
        "lock the run queue, charge the time that was used and see that nobody waits; NuttX keeps "
        "no time and locks nothing on one CPU",
}
