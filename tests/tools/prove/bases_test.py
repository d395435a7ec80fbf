"""Bases: stack addresses that are told from different places, and places that come again."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Again(unittest.TestCase):
    # In each round sp is at another place when the ways meet at 1.
    LOOP = """
            entry e, 1
            jo 1f
            push rax
        1:  test dword ptr gs:0x10, 0x7fffffff
            {}
        2:  push rax
            jmp 1b"""

    def test_a_section_that_pushes_in_every_round_is_unbounded(self):
        for skip in ("jne 2f\n off 4, 512", "je 4f\n push rax\n jmp 1b\n 4: off 4, 512"):
            self.assertEqual(kinds(X86, self.LOOP.format(skip)), {"too-deep", "endless"}, skip)

    def test_pushes_in_every_round_without_a_section_are_no_matter(self):
        self.assertEqual(kinds(X86, self.LOOP.format("")), set())

    def test_an_address_in_the_last_rounds_frame_is_none_in_this_ones(self):
        """The first round is preemptible, the second is not: so they are looked at one by one."""
        text = """
            entry e, 2
            call f
            ud2
            function f
            push rbp
            mov rbp, rsp
        1:  sub rsp, rdi
            mov [rsp], rbx
            xor ebx, ebx
            test dword ptr gs:0x10, 0x7fffffff
            jne 2f
            {}
            mov rbx, [rsp]
            mov rsp, rbp
            off 1
            jmp 1b
        2:  {}
            mov rbx, [rcx]
            on 1
            leave
            ret"""
        self.assertEqual(kinds(X86, text.format("mov rcx, rsp", "")), {"register"})
        self.assertEqual(kinds(X86, text.format("", "mov rcx, rsp")), set())

    def test_where_sp_was_compared_says_nothing_once_it_has_moved(self):
        text = """
            entry e, 1
            mov rax, rsp
            jo 1f
            push rcx
        1:  cmp rsp, rax
            {}
            je 2f
            ud2
        2:  off 4, 512
            push rax
            on 4
            ud2"""
        for line in ("lea rsp, [rsp + rdi]", "sub rsp, rdi"):
            self.assertEqual(kinds(X86, text.format(line)), {"hole"}, line)
        self.assertEqual(kinds(X86, text.format("")), set())

    def test_half_of_sp_is_compared_for_nothing(self):
        text = """
            entry e, 1
            call f
            ud2
            function f
            mov rax, rsp
            jo 1f
            push rcx
        1:  cmp {}
            je 2f
            ud2
        2:  ret"""
        self.assertEqual(kinds(X86, text.format("esp, eax")), {"sp"})
        self.assertEqual(kinds(X86, text.format("rsp, rax")), set())

    def test_a_stack_that_was_left_is_not_gone_back_to(self):
        """If it is of another kind, or something is open on it: that is known no more."""
        text = """
            entry e, 1
            call f
            ud2
            function f
            push rbp
            mov rbp, rsp
            {before}
            mov rax, rsp
        8:  mov rsp, rdi
            fact 8, 8b, {kind}
            push rax
            call g
            {back}
            {after}
            pop rbp
            ret
            function g
            ret"""
        for back in ("mov rsp, rbp", "pop rsp", "and rsp, -16\n mov rsp, rbp", "ud2"):
            for words in ({"before": "", "kind": 2, "after": "off 1\n push rax\n ud2"},
                          {"before": "", "kind": 2, "after": ""},
                          {"before": "off 4, 128", "kind": 1, "after": "on 4"}):
                found = kinds(X86, text.format(back=back, **words))
                self.assertEqual("stack" in found, back != "ud2", (back, words))
            if back != "pop rsp":  # what was pushed there may be anything, to an analysis
                found = kinds(X86, text.format(before="", kind=1, back=back, after=""))
                self.assertEqual(found, set())


class Others(unittest.TestCase):
    def test_an_access_from_another_base_counts_against_the_window(self):
        text = """
            entry e, 1
            push rbp
            mov rbp, rsp
            and rsp, -64
            off 4, 512
            {} qword ptr [rbp - {}], 0
            on 4
            ud2"""
        for store in ("mov", "add", "cmp"):
            self.assertEqual(kinds(X86, text.format(store, 9000)), {"too-deep"})
            self.assertEqual(kinds(X86, text.format(store, 576)), {"too-deep"})
            self.assertEqual(kinds(X86, text.format(store, 512)), set())

    def test_a_callee_counts_its_accesses_from_another_base(self):
        text = """
            entry e, 1
            off 4, 512
            call f
            on 4
            ud2
            function f
            push rbp
            mov rbp, rsp
            and rsp, -64
            mov qword ptr [rbp - {}], 0
            leave
            ret"""
        self.assertEqual(kinds(X86, text.format(9000)), {"too-deep"})
        self.assertEqual(kinds(X86, text.format(256)), set())

    def test_a_touch_from_another_base_may_lie_below_sp(self):
        """Or come to lie there, where the page may be taken away; so it counts for nothing."""
        text = """
            entry e, 1
            push rbp
            mov rbp, rsp
            and rsp, -64
            {}
            lea rsp, [rbp - 3900]
            {}
            off 4, 1024
            on 4
            ud2"""
        for lines in ("", "mov rax, [rbp - 3900]",
                      "sub rsp, 3968\n mov qword ptr [rbp - 3900], 0\n add rsp, 3904"):
            self.assertEqual(kinds(X86, text.format(lines, "")), {"hole"}, lines)
            self.assertEqual(kinds(X86, text.format(lines, "push rax")), set(), lines)

    def test_what_lies_an_unknown_way_below_is_unknown(self):
        text = """
            entry e, 1
            push rbp
            mov rbp, rsp
            sub rsp, rdi
            mov qword ptr [rsp], 0
            {}
            off 4, 512
            mov qword ptr [rbp - {}], 0
            on 4
            ud2"""
        probe = "or qword ptr [rbp], 0"
        for touch in (probe, ""):
            self.assertIn("too-deep", kinds(X86, text.format(touch, 64)))
            self.assertNotIn("too-deep", kinds(X86, text.format(touch, 0)))


if __name__ == "__main__":
    unittest.main()
