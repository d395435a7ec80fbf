"""Frames: what is touched, what lies untouched above sp, how deep a section goes."""

import unittest

from snippet import depths, kinds

X86 = "x86_64"
ARM = "aarch64"


class Gaps(unittest.TestCase):
    def test_a_small_gap_above_a_small_window_is_no_hole(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            sub rsp, 24
            off 4, 512
            on 4
            ud2"""), set())

    def test_the_window_of_a_page_that_osv_has_leaves_no_room_for_any_gap(self):
        self.assertIn("hole", kinds(X86, """
            entry e, 1
            sub rsp, 24
            off 4, 4096
            on 4
            ud2"""))

    def test_a_gap_and_a_window_that_are_together_over_a_page_are_a_hole(self):
        text = """
            entry e, 1
            sub rsp, {}
            off 4, 2048
            on 4
            ud2"""
        self.assertEqual(kinds(X86, text.format(2048)), set())
        self.assertIn("hole", kinds(X86, text.format(2056)))

    def test_a_touch_closes_the_gap(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            sub rsp, 2056
            mov qword ptr [rsp], 0
            off 4, 2048
            on 4
            ud2"""), set())

    def test_the_callers_gap_counts_where_a_call_touches_nothing(self):
        text = """
            entry e, 1
            stp x29, x30, [sp, #-16]!
            sub sp, sp, #{}
            bl f
            brk #0
            function f
            off 4, 2048
            on 4
            ret"""
        self.assertEqual(kinds(ARM, text.format(2048)), set())
        self.assertIn("hole", kinds(ARM, text.format(2064)))


    def test_so_does_that_of_who_makes_a_system_call(self):
        """Where the entry opens a section on its caller's stack."""
        text = """
            entry e, 1
            sub {sp}{between}{frame}
            {call}
            {end}
            function {entry}
            {begin}
            off 4, 2048
            on 4
            {end}"""
        x86 = {"sp": "rsp", "call": "syscall", "end": "ud2", "entry": "fathom_system_call_entry",
               "begin": "771: sti\n record 8, 3"}
        arm = {"sp": "sp", "call": "svc #0", "end": "brk #0", "begin": "",
               "entry": "fathom_system_call_without_stack"}
        for arch, words, between in ((X86, x86, ", "), (ARM, arm, ", sp, #")):
            small, large = (kinds(arch, text.format(frame=n, between=between, **words)) -
                            {"frame"} for n in (1024, 2064))
            self.assertEqual((small, large), (set(), {"hole"}))


class Depth(unittest.TestCase):
    def test_callees_count_with_their_return_addresses(self):
        self.assertEqual(depths(X86, """
            entry e, 1
            off 4, 512
            call f
            on 4
            ud2
            function f
            push rbx
            sub rsp, 32
            mov qword ptr [rsp], 0
            add rsp, 32
            pop rbx
            ret"""), [48])

    def test_a_tail_call_costs_no_frame(self):
        self.assertEqual(depths(X86, """
            entry e, 1
            off 4, 512
            call f
            on 4
            ud2
            function f
            jmp g
            function g
            push rax
            pop rax
            ret"""), [16])

    def test_pushes_in_inline_assembly_count(self):
        self.assertEqual(depths(X86, """
            entry e, 1
            off 4, 512
            pushfq
            pushfq
            pop rax
            pop rax
            on 4
            ud2"""), [16])

    def test_deeper_than_the_window_is_refused(self):
        self.assertIn("too-deep", kinds(ARM, """
            entry e, 1
            off 4, 256
            bl f
            on 4
            brk #0
            function f
            stp x29, x30, [sp, #-272]!
            ldp x29, x30, [sp], #272
            ret"""))

    def test_recursion_in_a_section_is_unbounded(self):
        self.assertIn("too-deep", kinds(X86, """
            entry e, 1
            off 4, 512
            call f
            on 4
            ud2
            function f
            call f
            jne f
            ret"""))

    def test_recursion_outside_of_sections_is_no_matter(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            call f
            ud2
            function f
            jne 1f
            call f
        1:  ret"""), set())

    def test_a_moved_cold_part_belongs_to_its_function(self):
        self.assertEqual(depths(X86, """
            entry e, 1
            off 4, 512
            jne f.cold
        1:  on 4
            ud2
            function f.cold
            push rax
            push rax
            add rsp, 16
            jmp 1b"""), [16])


if __name__ == "__main__":
    unittest.main()
