"""Sections: where they begin, what of them counts, and that they end."""

import unittest

from snippet import depths, kinds, prove

X86 = "x86_64"
ARM = "aarch64"


class Depth(unittest.TestCase):
    def test_what_is_not_surely_preemptible_counts(self):
        """f ends a section of its caller's, which may be in another one."""
        text = """
            entry e, 1
            off 4, 512
            off 3
            call f
            ud2
            function f
            {}
            sub rsp, {}
            push rax
        1:  test byte ptr [rdi], 1
            jne 1b
            ud2"""
        self.assertIn("too-deep", kinds(X86, text.format("", 3000)))
        self.assertIn("too-deep", kinds(X86, text.format("on 3", 3000)))
        self.assertEqual(max(depths(X86, text.format("on 3", 48))), 64)


class Calls(unittest.TestCase):
    def test_a_section_is_told_those_that_are_made_in_it(self):
        text = """
            entry e, 1
            {0}
            off 4, 128
            {1} f
            on 3
            {1} g
            off 4, 256
            {1} h
            on 3
            {2}
            function f
            ret
            function g
            ret
            function h
            ret"""
        for arch, save, call, end in ((X86, "", "call", "ud2"),
                                      (ARM, "stp x29, x30, [sp, #-16]!", "bl", "brk #0")):
            proof = prove(arch, text.format(save, call, end))
            told = {site.site.window: [proof.program.image.name_of(key[0]) for _, key in site.calls]
                    for site in proof.sites.values() if site.depth is not None}
            self.assertEqual(told, {128: ["f"], 256: ["h"]})


class Reopened(unittest.TestCase):
    TEXT = """
            .macro  irqs_off_ahead window
        771: test   byte ptr [rsp - \\window], al
            cli
            add     dword ptr gs:0x10, 0x10000
            record  3, 4, \\window
            .endm
            entry e, {}
            irqs_off_ahead 1024
            call f
            sub rsp, 1000
            mov qword ptr [rsp], 0
            add rsp, 1000
            irqs_on 4
            ud2
            function f
            irqs_on 4
            irqs_off_ahead {}
            ret"""

    def test_no_section_of_a_callees_goes_on_in_its_caller(self):
        """Whose window is below its own sp, and may have been taken away meanwhile."""
        for window in (128, 2048):
            self.assertEqual(kinds(X86, self.TEXT.format(1, window)), {"returns-atomic"})

    def test_on_a_kernel_thread_it_may(self):
        kernel = self.TEXT.replace("771: test   byte ptr [rsp - \\window], al", "771:") \
            .replace("3, 4, \\window", "3, 1")
        self.assertEqual(kinds(X86, kernel.format(2, 128)), set())


class BelowSp(unittest.TestCase):
    def test_nothing_is_kept_there_but_in_a_section(self):
        text = "entry e, 1\n {}\n off 4, 256\n {}\n on 4\n {}"
        for arch, store, end in ((X86, "mov [rsp - 8], rbx", "ud2"),
                                 (ARM, "str x19, [sp, #-8]", "brk #0")):
            self.assertEqual(kinds(arch, text.format("", store, end)), set())
            self.assertEqual(kinds(arch, text.format(store, "", end)), {"red-zone"})


class Ends(unittest.TestCase):
    def test_a_section_has_one_on_every_way(self):
        text = "entry e, 1\n {}\n 1: {}\n {}\n {}"
        for arch, wait, again, out in ((X86, "pause", "jmp 1b", "ud2"),
                                       (ARM, "yield", "b 1b", "brk #0")):
            self.assertEqual(kinds(arch, text.format("", wait, again, out)), set())
            self.assertEqual(kinds(arch, text.format("off 4, 128", wait, again, out)), {"endless"})
            again = {X86: "jne 1b", ARM: "b.ne 1b"}[arch]
            self.assertEqual(kinds(arch, text.format("off 4, 128", wait, again, out)), set())

    def test_so_has_one_of_two_loops(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            off 4, 128
        1:  pause
            jne 1b
            on 4
        2:  pause
            jno 2b
            jmp 2b"""), set())
        self.assertEqual(kinds(X86, """
            entry e, 1
            off 4, 128
        1:  pause
            jne 1b
        2:  pause
            jno 2b
            jmp 2b"""), {"endless"})

    def test_so_has_one_that_calls_round_in_circles(self):
        text = """
            entry e, 1
            {0}
            {1} f
            {4}
            function f
            {2}
            {3}
            function g
            {5}"""
        for arch, call, wait, jump, end in ((X86, "call", "pause", "jmp", "ud2"),
                                            (ARM, "bl", "yield", "b", "brk #0")):
            for there, back, found in (("f", end, {"endless"}), ("g", f"{jump} f", {"endless"}),
                                       ("g", end, set())):
                words = call, wait, f"{jump} {there}", end, back
                self.assertEqual(kinds(arch, text.format("off 4, 128", *words)), found)
                self.assertEqual(kinds(arch, text.format("", *words)), set())

    def test_a_loop_that_opens_a_section_again_and_again_ends_each(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
        1:  off 4, 128
            on 4
            jmp 1b"""), set())


class Traps(unittest.TestCase):
    def test_a_trap_is_counted_where_one_arrives(self):
        """Anywhere else it would be a section without a load ahead."""
        for rule in (2, 3, 4, 5):
            self.assertIn("trap-entry", kinds(X86, f"""
                entry e, 1
            771: add dword ptr gs:0x10, 0x10000
                record 5, {rule}
                sub rsp, 3900
                push rax
                add rsp, 3908
                irqs_on 4
                ud2"""))


    def test_the_word_of_before_is_kept_in_a_register(self):
        x86 = """
            entry e, 1
            ud2
            function fathom_debug_gate
            xor {0}, {0}
        771: cli
            mov r10d, dword ptr gs:0x10
            add dword ptr gs:0x10, 0x10000
            record 5, 2
            test {0}, {0}
            je 1f
            std
        1:  ud2"""
        arm = """
            entry e, 1
            brk #0
            function fathom_panic_entry
            mov {0}, #0
            mrs x3, tpidr_el1
        771: ldr x4, [x3]
            add w5, w4, #16, lsl #12
            str w5, [x3]
            record 5, 2
            cbz {0}, 1f
            msr daifset, #2
        1:  brk #0"""
        for arch, text, changed, other in ((X86, x86, ["r10d"], "r11d"),
                                           (ARM, arm, ["x4", "x5"], "x6")):
            for register in (*changed, other):
                self.assertEqual("open-world" in kinds(arch, text.format(register)),
                                 register in changed, register)


class Forms(unittest.TestCase):
    def test_the_register_that_points_to_the_thread_does_so_to_the_end(self):
        text = """
            entry e, 1
            mrs {self}, tpidr_el1
        771: sub x16, sp, #512
            ldrb wzr, [x16]
            ldr w{n}, [{self}]
            add w{n}, w{n}, #1
            str w{n}, [{self}]
            record 1, 4, 512
            mrs x9, tpidr_el1
            on 4
            brk #0"""
        self.assertEqual(kinds(ARM, text.format(self="x9", n=10)), set())
        self.assertIn("site-bytes", kinds(ARM, text.format(self="x16", n=10)))
        self.assertIn("site-bytes", kinds(ARM, text.format(self="x9", n=9)))


if __name__ == "__main__":
    unittest.main()
