"""Large, variable and realigned frames: probes, probing loops, and what they leave untouched."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Probes(unittest.TestCase):
    def test_a_frame_over_a_page_is_probed_or_it_skips_one(self):
        self.assertIn("skipped-page", kinds(X86, """
            entry e, 1
            sub rsp, 9000
            mov qword ptr [rsp], 0
            ud2"""))
        self.assertEqual(kinds(X86, """
            entry e, 1
            sub rsp, 4096
            or qword ptr [rsp], 0
            sub rsp, 4096
            or qword ptr [rsp], 0
            off 4, 512
            on 4
            ud2"""), set())

    def test_a_probing_loop_is_understood(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            lea r11, [rsp - 20480]
        1:  sub rsp, 4096
            or qword ptr [rsp], 0
            cmp rsp, r11
            jne 1b
            sub rsp, 64
            off 4, 512
            call f
            on 4
            ud2
            function f
            ret"""), set())
        self.assertEqual(kinds(ARM, """
            entry e, 1
            sub x11, sp, #20480
        1:  sub sp, sp, #4096
            str xzr, [sp]
            cmp sp, x11
            b.ne 1b
            off 4, 512
            on 4
            brk #0"""), set())

    def test_a_probing_loop_with_nothing_to_probe_leaves_no_gap(self):
        # GCC's alloca of a size that is known after all, and under a page.
        self.assertEqual(kinds(X86, """
            entry e, 1
            push rbp
            mov rbp, rsp
            mov rcx, rsp
            cmp rsp, rcx
            je 2f
        1:  sub rsp, 4096
            or qword ptr [rsp + 4088], 0
            cmp rsp, rcx
            jne 1b
        2:  sub rsp, 256
            off 4, 512
            on 4
            leave
            ud2"""), set())
        self.assertEqual(kinds(ARM, """
            entry e, 1
            str xzr, [sp, #-16]!
            mov x11, sp
            cmp sp, x11
            b.eq 2f
        1:  sub sp, sp, #4096
            str xzr, [sp, #4088]
            cmp sp, x11
            b.ne 1b
        2:  sub sp, sp, #256
            off 4, 512
            on 4
            brk #0"""), set())

    def test_a_frame_of_unknown_size_starts_the_chain_anew(self):
        self.assertIn("hole", kinds(X86, """
            entry e, 1
            mov rbp, rsp
            sub rsp, rdi
            off 4, 512
            on 4
            ud2"""))

    def test_a_realigned_frame_is_bounded(self):
        self.assertEqual(kinds(X86, """
            entry e, 1
            push rbp
            mov rbp, rsp
            and rsp, -64
            sub rsp, 128
            off 4, 512
            on 4
            leave
            ud2"""), set())


if __name__ == "__main__":
    unittest.main()
