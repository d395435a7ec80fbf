"""Callees: what of its caller's frame one writes, and which registers it leaves alone."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Above(unittest.TestCase):
    """What lies above the return address is the callee's as far as it is arguments."""

    def test_an_argument_on_the_stack_is_another_after_the_call(self):
        text = """
            entry e, 1
            sub rsp, 24
            mov qword ptr [rsp + 8], 0
            call f
            mov rax, [rsp + 8]
            test rax, rax
            je 1f
            cli
        1:  ud2
            function f
            {}
            ret
            function g
            {}
            ret"""
        for first, second, found in (("mov [rsp + 16], rdi", "", {"open-world"}),
                                     ("inc dword ptr [rsp + 20]", "", {"open-world"}),
                                     ("mov [rsp + 5000], rdi", "", {"open-world"}),
                                     ("jmp g", "mov [rsp + 16], rdi", {"open-world"}),
                                     ("call g", "mov [rsp + 24], rdi", {"open-world"}),
                                     ("call g", "mov [rsp + 8], rdi", {"return-address"}),
                                     ("mov rax, [rsp + 16]", "", set()),
                                     ("mov [rsp + 8], rdi", "", set()),
                                     ("mov [rsp + 24], rdi", "", set())):
            self.assertEqual(kinds(X86, text.format(first, second)), found, (first, second))

    def test_a_saved_register_is_not_what_it_was(self):
        text = """
            entry e, 1
            call h
            ud2
            function h
            push rbp
            mov rbp, rsp
            {}
            push rbx
            xor ebx, ebx
            call f
            pop rbx
            leave
            ret
            function f
            mov [rsp + {}], rdi
            ret"""
        for lower, place, found in (("", 8, {"register"}), ("", 16, {"register"}),
                                    ("and rsp, -64", 8, {"register"}),
                                    ("and rsp, -64", 16, {"register"}),
                                    ("and rsp, -64\n sub rsp, 8", 16, set()),
                                    ("sub rsp, 8", 16, set())):
            self.assertEqual(kinds(X86, text.format(lower, place)), found, (lower, place))
        self.assertEqual(kinds(ARM, """
            entry e, 1
            bl h
            brk #0
            function h
            stp x29, x30, [sp, #-32]!
            bl f
            ldp x29, x30, [sp], #32
            ret
            function f
            str x0, [sp, #8]
            ret"""), {"return-address"})


class Pointers(unittest.TestCase):
    def test_a_variable_with_an_address_is_another_where_its_own_address_was_told(self):
        """p = &lowest; pp = &p; g(&pp) makes **pp something else, so *p is no touch of the lowest
        word."""
        text = """
            entry e, 1
            sub sp, sp, #3904
            mov x1, sp
            str x1, [sp, #3880]
            add x1, sp, #3880
            str x1, [sp, #3888]
            add x0, sp, #3888
            bl g
            ldr x1, [sp, #3880]
            str xzr, [x1]
            off 4, 1024
            on 4
            brk #0
            function g
            ldr x1, [x0]
            str x2, [x1]
            ret"""
        self.assertEqual(kinds(ARM, text), {"hole"})


class Kept(unittest.TestCase):
    """Registers that a callee leaves alone, although it need not."""

    def test_an_argument_whose_address_was_taken_is_no_saved_register(self):
        text = """
            entry e, 1
            xor edi, edi
            call f
            test edi, edi
            je 1f
            cli
        1:  ud2
            function f
            sub rsp, 24
            mov [rsp + 8], rdi
            {}
            mov rdi, [rsp + 8]
            add rsp, 24
            ret
            function g
            mov qword ptr [rdi], 1
            ret"""
        for lines in ("lea rdi, [rsp + 8]\n call g", "lea rax, [rsp + 8]\n mov [rax + rcx], rdx",
                      "lea rax, [rsp + 8]\n mov [rcx], rax\n call g"):
            self.assertEqual(kinds(X86, text.format(lines)), {"open-world"}, lines)
        for lines in ("", "call g", "lea rax, [rsp + 16]\n mov [rax + rcx], rdx"):
            self.assertEqual(kinds(X86, text.format(lines)), set(), lines)


if __name__ == "__main__":
    unittest.main()
