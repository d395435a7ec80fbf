"""aarch64: system registers and cache maintenance. One part of the lifter (lift_aarch64.py)."""

from .operands_aarch64 import register_of, source

# What may be written anywhere: nothing of it masks interrupts, moves a stack or names a thread.
# elr_el1 and spsr_el1 matter to eret only, which stands in recorded places.
PLAIN = {"elr_el1", "spsr_el1", "tpidr_el0", "tpidrro_el0", "contextidr_el1", "mdscr_el1",
         "oslar_el1", "fpcr", "fpsr", "cntv_ctl_el0", "cntv_cval_el0", "icc_eoir1_el1",
         "icc_sgi1r_el1", "icc_dir_el1"}
# What may be written with one value: it lets every interrupt through.
ONE_VALUE = {"icc_pmr_el1": 0xff, "icc_igrpen1_el1": 1, "icc_sre_el1": 1, "icc_bpr1_el1": 0,
             "icc_ctlr_el1": 0}
FORBIDDEN = {"daifset": "masks interrupts", "daifclr": "unmasks interrupts",
             "daif": "sets the mask", "spsel": "changes the stack pointer",
             "tpidr_el1": "changes the running thread"}


def lift_system(name: str, parts: list[str]) -> list[tuple]:
    """mrs and msr."""
    if name == "mrs":
        register = register_of(parts[0])[0]
        if register == "zr":
            return []
        if parts[1] == "tpidr_el1":
            return [("anchor", register)]
        return [("unknown", register)] + ([("flags",)] if parts[1] == "rndr" else [])
    written = parts[0]
    if written == "nzcv":
        return [("flags",)]
    if written in PLAIN:
        return []
    what = FORBIDDEN.get(written, f"writes {written}")
    if written in ONE_VALUE:
        return [("only", source(parts[1]), (ONE_VALUE[written],), what)]
    return [("forbidden", what)]


def lift_cache(parts: list[str]) -> list[tuple]:
    """dc: it works on a whole cache line, and zva writes it."""
    register = register_of(parts[1]) if len(parts) > 1 else None
    return [("block", register[0])] if register is not None else []
