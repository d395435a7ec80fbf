"""Instructions of the system: what masks interrupts, moves a stack or a table, or zeroes a line."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Registers(unittest.TestCase):
    def x86(self, lines):
        return kinds(X86, f"""
            entry e, 1
            {lines}
            ud2""")

    def arm(self, lines):
        return kinds(ARM, f"""
            entry e, 1
            {lines}
            brk #0""")

    def test_a_system_register_that_is_not_known_to_be_harmless_is_refused(self):
        for name in ("icc_pmr_el1", "S3_0_C4_C6_0", "sctlr_el1", "ttbr0_el1", "ttbr1_el1",
                     "tcr_el1", "vbar_el1", "sp_el0", "icc_igrpen1_el1", "S3_0_C15_C2_0"):
            self.assertEqual(self.arm(f"msr {name}, x0"), {"open-world"}, name)
        for name in ("tpidr_el0", "contextidr_el1", "cntv_cval_el0", "icc_eoir1_el1", "nzcv"):
            self.assertEqual(self.arm(f"msr {name}, x0"), set(), name)

    def test_the_priority_mask_may_let_all_interrupts_through(self):
        self.assertEqual(self.arm("mov x0, #0xff\n msr icc_pmr_el1, x0"), set())
        self.assertEqual(self.arm("mov x0, #0x80\n msr icc_pmr_el1, x0"), {"open-world"})

    def test_a_recorded_place_may_write_more(self):
        self.assertEqual(self.arm("1: msr ttbr1_el1, x0\n 2: fact 7, 1b, 2b"), set())
        self.assertEqual(self.x86("mov ecx, 0xc0000101\n 1: wrmsr\n 2: fact 7, 1b, 2b"), set())

    def test_where_gs_points_is_not_changed(self):
        for lines in ("mov ecx, 0xc0000101\n wrmsr", "wrmsr", "mov gs, eax", "mov ss, eax",
                      "pop gs", "mov cr8, rax"):
            self.assertEqual(self.x86(lines), {"open-world"}, lines)
        for lines in ("mov ecx, 0xc0000082\n wrmsr", "mov cr3, rax", "mov ds, eax", "mov rax, cr8",
                      "mov dr7, rax", "rdmsr"):
            self.assertEqual(self.x86(lines), set(), lines)


class Flags(unittest.TestCase):
    def test_they_are_not_known_behind_what_changes_them(self):
        text = "entry e, 2\n {}\n {}\n {} 1f\n {}\n 1: {}"
        for arch, zero, branch, mask, end, changes in (
                (X86, "xor eax, eax", "je", "cli", "ud2", ("mov cr3, rcx", "mov dr7, rcx")),
                (ARM, "mov x19, #0\n ands x19, x19, #1", "b.eq", "msr daifset, #2", "brk #0",
                 ("fcmp d0, d1", "fcmpe s0, s1", "fccmp d0, d1, #0, eq", "hvc #0", "smc #0"))):
            for change in changes:
                for line, found in ((change, {"open-world"}), ("nop", set())):
                    self.assertEqual(kinds(arch, text.format(zero, line, branch, mask, end)),
                                     found, line)


class Ends(unittest.TestCase):
    def test_a_way_ends_where_a_trap_is_raised_for_good(self):
        """Behind a call of the host (hlt) it goes on, and of unknown bytes nobody knows."""
        for line, found in (("brk #0", set()), ("udf #0", set()), ("hlt #0xf000", {"open-world"}),
                            (".inst 0xffffffff", {"unknown-instruction", "open-world"})):
            self.assertEqual(kinds(ARM, f"entry e, 2\n {line}\n msr daifset, #2\n brk #0"), found,
                             line)


class Memory(unittest.TestCase):
    def test_a_line_of_the_stack_is_not_zeroed_as_a_whole(self):
        text = """
            entry e, 1
            {}
            off 4, 256
            dc zva, x0
            on 4
            brk #0"""
        self.assertEqual(kinds(ARM, text.format("sub x0, sp, #4000")), {"unknown-instruction"})
        self.assertEqual(kinds(ARM, text.format("mov x0, sp")), {"unknown-instruction"})
        self.assertEqual(kinds(ARM, text.format("ldr x0, [x1]")), set())

    def test_sp_moves_by_a_register_after_an_access(self):
        text = """
            entry e, 1
            off 4, 256
            {}
            ldr x1, [sp], #0
            on 4
            brk #0"""
        for line in ("st1 {v0.16b}, [sp], x0", "ld1 {v0.16b}, [sp], x0",
                     "st1 {v0.16b, v1.16b}, [sp], #32"):
            self.assertIn("unknown-instruction", kinds(ARM, text.format(line)), line)
        self.assertEqual(kinds(ARM, text.format("str q0, [sp, #-16]!\n ldr q0, [sp], #16")), set())

    def test_sp_moves_by_fewer_bytes_where_fewer_are_pushed(self):
        for line in ("push ax", "pop ax", "pop word ptr [rdi]", "push word ptr [rdi]"):
            self.assertEqual(kinds(X86, f"entry e, 1\n push rax\n {line}\n ud2"),
                             {"unknown-instruction"}, line)
        for line in ("push rax", "pop rax", "pop qword ptr [rdi]", "push 5", "push fs"):
            self.assertEqual(kinds(X86, f"entry e, 1\n push rax\n {line}\n ud2"), set(), line)

    def test_an_index_that_is_known_is_no_secret(self):
        text = """
            entry e, 1
            off 4, 256
            mov x1, #{}
            str x0, [sp, x1{}]
            on 4
            brk #0"""
        self.assertEqual(kinds(ARM, text.format(-512, "")), {"too-deep"})
        self.assertEqual(kinds(ARM, text.format(-64, ", lsl #3")), {"too-deep"})
        self.assertEqual(kinds(ARM, text.format(-64, "")), set())

    def test_a_table_register_is_loaded_from_memory(self):
        text = """
            entry e, 1
            sub rsp, 64
            off 4, 0
            {} [rsp]
            on 4
            ud2"""
        for name in ("lidt", "sgdt"):
            self.assertEqual(kinds(X86, text.format(name)), {"too-deep"}, name)


if __name__ == "__main__":
    unittest.main()
