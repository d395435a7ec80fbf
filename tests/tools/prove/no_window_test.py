"""Sections without a window, and pointers to stack that nobody has touched."""

import unittest

from snippet import kinds, prove

X86 = "x86_64"
ARM = "aarch64"

POINTER = """
            entry e, 1
            stp x29, x30, [sp, #-16]!
            sub sp, sp, #2048
            {before}
            off 4, {window}
            {inside}
            bl f
            on 4
            brk #0
            function f
            str xzr, [x0]
            ret"""
FRAME = """
            entry e, 1
            push rbp
            mov rbp, rsp
            {above}
            sub rsp, 2048
            {touch}
            off 4, 0
            {inside}
            on 4
            ud2"""


class NoWindow(unittest.TestCase):
    def pointer(self, window, before="", inside=""):
        return kinds(ARM, POINTER.format(window=window, before=before, inside=inside))

    def frame(self, inside, above="", touch=""):
        return kinds(X86, FRAME.format(inside=inside, above=above, touch=touch))

    def test_a_section_that_touches_nothing_new_needs_none(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            push rbp
            off 4, 0
            mov rax, [rsp]
            on 4
            ud2"""), set())

    def test_a_push_or_a_local_below_what_was_touched_needs_one(self):
        for body in ("push rax", "mov qword ptr [rsp], 0", "call f"):
            self.assertIn("too-deep", kinds(X86, f"""
                entry e, 1
                sub rsp, 32
                off 4, 0
                {body}
                ud2
                function f
                ret"""), body)

    def test_a_pointer_to_untouched_stack_needs_one(self):
        self.assertEqual(self.pointer(0, before="mov x0, sp"), {"too-deep"})
        self.assertEqual(self.pointer(0, inside="mov x0, sp"), {"too-deep"})
        self.assertEqual(self.pointer(0, before="str xzr, [sp]\n mov x0, sp"), set())
        self.assertEqual(self.pointer(0, before="add x0, sp, #2048"), set())

    def test_the_window_above_0_holds_the_whole_frame(self):
        """The load makes everything down to the window's end safe: sp lies above that."""
        self.assertEqual(self.pointer(512, before="mov x0, sp"), set())
        self.assertEqual(self.pointer(512, inside="mov x0, sp"), set())
        self.assertEqual(self.pointer(512, inside="sub x0, sp, #512"), set())
        self.assertEqual(self.pointer(512, inside="sub x0, sp, #1024"), {"too-deep"})

    def test_an_index_may_lead_to_untouched_stack(self):
        for line in ("mov qword ptr [rsp + rcx*8], 0", "mov rax, [rsp + rcx*8]",
                     "mov qword ptr [rbp + rcx*8 - 2048], 0", "mov qword ptr [rcx + rbp], 0",
                     "lea rdi, [rsp]\n mov [rdi + rcx], al", "lea rdi, [rbp + rcx - 100]"):
            self.assertEqual(self.frame(line), {"too-deep"}, line)
            self.assertEqual(self.frame(line, touch="mov qword ptr [rsp], 0"), set(), line)

    def test_a_realigned_frame_is_no_other_case(self):
        above = "and rsp, -64"
        for line, found in (("mov qword ptr [rbp - 2000], 0", {"too-deep"}),
                            ("mov qword ptr [rsp], 0", {"too-deep"}),
                            ("mov qword ptr [rbp], 0", set())):
            self.assertEqual(self.frame(line, above), found, line)

    def test_a_callers_untouched_frame_counts_where_a_call_touches_nothing(self):
        text = """
            entry e, 1
            stp x29, x30, [sp, #-16]!
            sub sp, sp, #2048
            {}
            bl {}
            brk #0
            function f
            off 4, 0
            str xzr, [x0]
            on 4
            ret
            function g
            b f"""
        for callee in "fg":
            self.assertEqual(kinds(ARM, text.format("mov x0, sp", callee)), {"hole"})
            self.assertEqual(kinds(ARM, text.format("str xzr, [sp]\n mov x0, sp", callee)), set())
            self.assertEqual(kinds(ARM, text.format("", callee)), set())


class Suggestions(unittest.TestCase):
    def suggested(self, text):
        return [f.kind for f in prove(ARM, text).suggestions]

    def test_a_site_that_needs_none_is_named(self):
        self.assertEqual(self.suggested("""
            entry e, 1
            stp x29, x30, [sp, #-16]!
            off 4, 256
            on 4
            brk #0"""), ["window-0"])

    def test_a_site_with_pointers_to_untouched_stack_is_not(self):
        for where in ({"before": "mov x0, sp", "inside": ""},
                      {"before": "", "inside": "mov x0, sp"}):
            self.assertEqual(self.suggested(POINTER.format(window=512, **where)), ["window"])
        self.assertEqual(self.suggested(POINTER.format(window=512, before="", inside="")),
                         ["window-0"])


if __name__ == "__main__":
    unittest.main()
