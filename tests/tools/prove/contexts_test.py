"""Contexts: rules, balance, locks, and the closed world."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Rules(unittest.TestCase):
    def test_rule_1_holds_on_kernel_threads_only(self):
        text = """
            entry e, {}
            off 1
            on 1
            ud2"""
        self.assertEqual(kinds(X86, text.format(2)), set())
        self.assertIn("rule", kinds(X86, text.format(1)))

    def test_rule_3_holds_inside_a_section_only(self):
        self.assertEqual(kinds(ARM, """
            entry e, 1
            off 4, 256
            off 3
            on 3
            on 4
            brk #0"""), set())
        self.assertIn("rule", kinds(ARM, """
            entry e, 1
            off 3
            on 3
            brk #0"""))

    def test_rule_4_is_broken_by_one_atomic_caller(self):
        self.assertIn("rule", kinds(X86, """
            entry e, 1
            call f
            off 4, 512
            call f
            on 4
            ud2
            function f
            off 4, 512
            on 4
            ret"""))

    def test_rule_5_holds_in_both(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            call f
            off 4, 512
            call f
            on 4
            ud2
            function f
            off 5, 256
            on 5
            ret"""), set())

    def test_leaving_a_nested_section_reschedules_nobody(self):
        """The way out tests whether both are on: inside a section they are not."""
        self.assertEqual(kinds(X86, """
            entry e, 1
            off 4, 512
            off 5, 256
            on 5
            je 1f
            on 4
            ud2
        1:  push rax
            jmp 1b"""), set())


class Balance(unittest.TestCase):
    def test_a_function_that_returns_atomic_is_named(self):
        self.assertIn("returns-atomic", kinds(ARM, """
            entry e, 1
            bl f
            brk #0
            function f
            off 4, 256
            ret"""))

    def test_a_register_that_is_not_restored_is_named(self):
        self.assertIn("register", kinds(X86, """
            entry e, 1
            call f
            ud2
            function f
            xor ebx, ebx
            ret"""))

    def test_a_spinlock_is_taken_in_a_section_and_given_back_there(self):
        text = """
            entry e, 1
            {}
        1:  lock xadd word ptr [rdi], ax
            fact 4, 1b
            mov word ptr [rdi + 2], ax
            {}
            {}
            ud2"""
        unlock = "2: fact 5, 2b"
        self.assertEqual(kinds(X86, text.format("off 4, 512", unlock, "on 4")), set())
        self.assertIn("lock", kinds(X86, text.format("off 4, 512", "", "on 4")))
        self.assertIn("lock", kinds(X86, text.format("", unlock, "")))


    def test_interrupts_are_off_for_the_locks_that_they_take_and_for_no_others(self):
        text = """
            entry e, 1
            {} 4
        1:  lock xadd word ptr [rdi], ax
            fact 4, 1b, {}
            mov word ptr [rdi + 2], ax
        2:  fact 5, 2b
            {} 4
            ud2"""
        for off, on, right in (("off", "on", 0), ("irqs_off", "irqs_on", 1)):
            self.assertEqual(kinds(X86, text.format(off, right, on)), set())
            self.assertEqual(kinds(X86, text.format(off, 1 - right, on)), {"lock"})


class Comparisons(unittest.TestCase):
    # Clang's way out of "lock, look whether it is the right lock, else unlock and try again".
    TEXT = """
            entry e, 1
            off 4, 512
        1:  fact 4, 5f
        5:  nop
            cmp {a}, {b}
            {beq} 3f
        2:  fact 5, 2b
            nop
            cmp {a}, {b}
            {beq} 4f
            mov {a}, {c}
            {jump} 1b
        3:  {between}
            cmp {a}, {b}
            {bne} 1b
            fact 5, 6f
        6:  nop
        4:  on 4
            {end}"""
    X86 = {"a": "eax", "b": "edx", "c": "ecx", "beq": "je", "bne": "jne", "jump": "jmp",
           "end": "ud2"}
    ARM = {"a": "w11", "b": "w12", "c": "w13", "beq": "b.eq", "bne": "b.ne", "jump": "b",
           "end": "brk #0"}

    def test_what_was_compared_once_compares_the_same_again(self):
        for arch, words in ((X86, self.X86), (ARM, self.ARM)):
            self.assertEqual(kinds(arch, self.TEXT.format(between="nop", **words)), set())

    def test_unless_it_has_changed(self):
        for arch, words in ((X86, self.X86), (ARM, self.ARM)):
            changed = f"mov {words['b']}, {words['c']}"
            self.assertIn("lock", kinds(arch, self.TEXT.format(between=changed, **words)))


class ClosedWorld(unittest.TestCase):
    def test_masking_outside_of_a_site_is_refused(self):
        for arch, line in ((X86, "cli"), (X86, "popfq"), (ARM, "msr daifset, #2"),
                           (ARM, "msr spsel, #1"), (X86, "mov dword ptr gs:0x10, eax")):
            self.assertIn("open-world", kinds(arch, f"""
                entry e, 1
                {line}
                {'ud2' if arch == X86 else 'brk #0'}"""), line)

    def test_a_store_to_the_running_threads_word_is_refused(self):
        self.assertIn("open-world", kinds(ARM, """
            entry e, 1
            mrs x0, tpidr_el1
            str wzr, [x0]
            brk #0"""))

    def test_asking_for_a_reschedule_is_no_such_store(self):
        self.assertEqual(kinds(ARM, """
            entry e, 1
            mrs x0, tpidr_el1
            str wzr, [x0, #4]
            brk #0"""), set())
        self.assertEqual(kinds(X86, """
            entry e, 1
            and dword ptr gs:0x10, 0x7fffffff
            ud2"""), set())

    def test_bytes_that_differ_from_the_record_are_refused(self):
        self.assertIn("site-bytes", kinds(X86, """
            entry e, 1
        771: test byte ptr [rsp - 256], al
            inc dword ptr gs:0x10
            record 1, 4, 512
            ud2"""))

    def test_an_indirect_call_needs_a_class(self):
        text = """
            entry e, 1
            {}
            {}
        1:  call [rdi]
            off 4, 512
            on 4
            ud2
            function f
            ret"""
        self.assertIn("indirect", kinds(X86, text.format("", "")))
        self.assertEqual(kinds(X86, text.format("2: fact 2 + (9 << 8), 2b, f",
                                                "fact 1, 1f, 9")), set())

    def test_a_boundary_counts_where_another_site_stands_as_well(self):
        text = """
            entry e, 1
            off 4, 512
            {}
            on 4
            ud2"""
        self.assertEqual(kinds(X86, text.format("")), set())
        self.assertIn("rule", kinds(X86, text.format("771: record 7, 4")))

    def test_an_address_that_no_class_has_is_named(self):
        self.assertIn("unregistered", kinds(X86, """
            entry e, 1
            lea rax, [rip + f]
            ud2
            function f
            ret"""))

    def test_an_exclusive_loop_is_refused(self):
        self.assertIn("unknown-instruction", kinds(ARM, """
            entry e, 1
        1:  ldxr x0, [x1]
            stxr w2, x0, [x1]
            cbnz w2, 1b
            brk #0"""))


if __name__ == "__main__":
    unittest.main()
