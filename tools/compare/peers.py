"""Figures of other kernels and of hand-written floors, for (x86_64, aarch64); None: was not run.

All are guest instructions under QEMU's -icount with one CPU, by the method of docs/measuring.md,
taken on one machine in November 2026; each repeats exactly.
"""

HOW = {
    "Linux": "6.1, Debian's cloud kernel, static glibc 2.36; user space, so each operation crosses "
             "a privilege boundary, and its first touch zeroes the page inside the fault; 8 MiB "
             "stacks",
    "LittleKernel": "August 2026, -O2, release; eager stacks of 8 KiB and 4 KiB",
    "Unikraft": "0.17 with lazy stacks, two pages of each mapped ahead; asserts on, cooperative "
                "scheduler",
    "NuttX": "August 2026, aarch64; eager stacks of 8 KiB",
    "OSv": "August 2026, x86_64, lazy stacks on; parked with stacks of 1 MiB",
    "floor": "hand-written assembly that does the least that the operation needs; no kernel",
}

NOT_COMPARABLE = (
    "xv6, which runs on RISC-V alone, is left out, and so are sizes of text and data: ours is "
    "among the rows of make figures.",
    "glibc's malloc is not kernel code.",
    "Linux crosses a privilege boundary at each system call, and zeroes a page inside its fault.",
    "The stacks of LittleKernel and NuttX are eager: they have no first touch.",
    "Unikraft ran with its asserts, and its scheduler is cooperative.",
    "Boots are compared from reset: Linux, Unikraft and LittleKernel on x86_64 boot through "
    "firmware, as our boot_to_main does; boot_to_main_microvm is without.",
)

# By row: the other kernels' figures.
PEERS = {
    "stack_fault": {"Linux": (3102, 3064), "Unikraft": (20129, 24924), "floor": (95, 96)},
    "yield_switch": {"Linux": (1558, 2787), "LittleKernel": (169, 168), "Unikraft": (298, 187),
                     "NuttX": (None, 274), "floor": (18, 20)},
    "yield_alone": {"Linux": (800, 1071), "LittleKernel": (91, 96), "Unikraft": (93, 73),
                    "NuttX": (None, 43), "OSv": (69, None)},
    "syscall": {"Linux": (337, 476)},
    "semaphore_round_trip": {"Linux": (8915, 12763), "LittleKernel": (517, 516),
                             "Unikraft": (1152, 836), "NuttX": (None, 818)},
    "mutex_pair": {"Linux": (63, 101), "LittleKernel": (84, 88), "Unikraft": (46, 40),
                   "NuttX": (None, 100), "floor": (5, 8)},
    "malloc_free_64": {"Linux": (131, 167), "LittleKernel": (274, 283), "Unikraft": (316, 348),
                       "NuttX": (None, 382), "OSv": (215, None), "floor": (12, 22)},
    "create_join_1m": {"Linux": (49391, 41267), "LittleKernel": (2519, 1901),
                       "Unikraft": (227648, 259028), "NuttX": (None, 9292), "floor": (23, 32)},
    "parked_thread_bytes_1m": {"Linux": (23500, 23500), "LittleKernel": (1047523, 1047523),
                               "Unikraft": (43146, 43146), "NuttX": (None, 1048952),
                               "OSv": (24576, None), "floor": (6144, 6144)},
    "threads_1m_in_256m": {"Linux": (6400, 5200), "LittleKernel": (249, 251),
                           "Unikraft": (4947, 4947)},
    "boot_to_main": {"Linux": (1547000000, 864000000), "LittleKernel": (44600000, 4260000),
                     "Unikraft": (116500000, 14000000), "NuttX": (None, 690000)},
}
