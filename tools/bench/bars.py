"""What each figure of `rules` is held to, as (x86_64, aarch64); None: to nothing there."""

AT_MOST = {
    "parked_thread_bytes_8k": (4096 + 192 + 512,) * 2,
    "parked_thread_bytes_1m": (4096 + 2253 + 512,) * 2,
    "parked_thread_bytes_8m": (4096 + 4301 + 512,) * 2,
    "parked_thread_bytes_1g": (4096 + 8397 + 512,) * 2,
    "stack_fault": (190, 190),
    "stack_fault_dry": (900, 650),
    "malloc_free_64": (48, 88),
    "yield_switch": (110, 120),
    "mutex_pair": (24, 32),
    "semaphore_round_trip": (400, 400),
    "syscall": (337, 476),
    "create_join_64k": (1800, 1800),
    "create_join_1m": (1800, 1800),
    "create_join_8m": (1800, 1800),
    "boot_to_main": (None, 680_000),
    "boot_to_main_microvm": (1_500_000, None),
    "text_and_data": (170 * 1024, 170 * 1024),
    "rule_extra_1": (0, 0),
    "rule_extra_2": (0, 0),
    "rule_extra_3": (0, 0),
    "rule_extra_4": (1, 2),
    "sweep_failures": (0, 0),
}
AT_LEAST = {"threads_1m_in_256m": (30_000, 30_000), "sweep_operations": (60, 60)}
