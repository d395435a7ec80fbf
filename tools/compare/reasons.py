"""Where a row of `rules` misses its bar: which instructions stand between. By row, architecture."""

REASONS = {
    ("yield_alone", "aarch64"):
        "of 64, 12 are the section (the context word has no single-instruction update), the rest "
        "lock the run queue, charge the time that was used and see that nobody waits; NuttX keeps "
        "no time and locks nothing on one CPU",
    ("boot_to_main_microvm", "x86_64"):
        "0.75 million are three quarter-milliseconds in which the timers are calibrated",
    ("boot_to_main", "aarch64"):
        "8.7 for the record of each of 65,536 frames (0.57 million); some 0.7 million read the "
        "device tree, byte by byte and once for each kind of device; 0.15 million clear .bss",
}
