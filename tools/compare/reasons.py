"""Where a row of `rules` misses its bar: which instructions stand between. By row, architecture."""

REASONS = {
    ("malloc_free_64", "x86_64"):
        "of 75, 14 save and restore rbp, rbx and r12 around a call of preempt_here() that only a "
        "pending reschedule makes; 8 find this CPU's list by its index; 8 count the list's blocks; "
        "7 are the two calls and the measurement's own",
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
