"""Slots of the stack: what is known of a value in one is forgotten when something else may have
been written there."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"

# The section is entered only if the slot does not hold the 0 that was put there first.
X86_SLOT = """
            entry e, 1
            sub rsp, 24
            mov qword ptr [rsp + 8], 0
            {}
            mov rax, [rsp + 8]
            test rax, rax
            je 1f
            off 4, 128
            sub rsp, 3000
            mov qword ptr [rsp], 0
            add rsp, 3000
            on 4
        1:  ud2"""
ARM_SLOT = """
            .arch armv8.1-a
            entry e, 1
            sub sp, sp, #64
            str xzr, [sp, #8]
            {}
            ldr x3, [sp, #8]
            cbz x3, 1f
            off 4, 256
            sub sp, sp, #3000
            str xzr, [sp]
        1:  brk #0"""


class Changed(unittest.TestCase):
    def test_what_reads_and_writes_a_slot_changes_it(self):
        for line in ("add qword ptr [rsp + 8], 1", "inc qword ptr [rsp + 8]",
                     "xchg [rsp + 8], rdi", "lock xadd [rsp + 8], rdi", "sete byte ptr [rsp + 8]",
                     "lock cmpxchg [rsp + 8], rdi", "pop qword ptr [rsp]",
                     "add dword ptr [rsp + 12], 1", "neg qword ptr [rsp + 1]",
                     "sidt [rsp]", "movups [rsp], xmm0"):
            self.assertEqual(kinds(X86, X86_SLOT.format(line)), {"too-deep"}, line)
        for line in ("add x0, sp, #8\n stadd x1, [x0]", "add x0, sp, #8\n swp x1, x2, [x0]",
                     "add x0, sp, #8\n cas x1, x2, [x0]", "add x0, sp, #12\n stadd w1, [x0]",
                     "stp q0, q1, [sp]", "mov x1, #8\n str x2, [sp, x1]"):
            self.assertEqual(kinds(ARM, ARM_SLOT.format(line)), {"too-deep"}, line)

    def test_a_callee_writes_the_object_that_it_gets(self):
        """Whatever address the same place held before: else the store is taken for one below sp."""
        code = """
            entry e, 1
            sub sp, sp, #64
            add x1, sp, #32
            str x1, [sp, #8]
            {}
            bl f
            ldr x1, [sp, #8]
            mov x2, #0xffff800000000000
            str x0, [x1, x2]
            brk #0
            function f
            ret"""
        self.assertEqual(kinds(ARM, code.format("add x8, sp, #8")), set())
        self.assertEqual(kinds(ARM, code.format("add x8, sp, #16")), {"red-zone"})
        self.assertEqual(kinds(ARM, code.format("mov x8, sp")), set())  # its second word

    def test_what_reads_it_or_writes_elsewhere_does_not(self):
        for line in ("cmp qword ptr [rsp + 8], 1", "add qword ptr [rsp + 16], 1",
                     "add qword ptr [rsp], 1", "xchg [rdi], rsi", "inc dword ptr [rsp + 4]"):
            self.assertEqual(kinds(X86, X86_SLOT.format(line)), set(), line)
        for line in ("stadd x1, [sp]", "swp x1, x2, [x0]", "ldp q0, q1, [sp]",
                     "mov x1, #16\n str x2, [sp, x1]"):
            self.assertEqual(kinds(ARM, ARM_SLOT.format(line)), set(), line)

    def test_a_saved_register_is_not_restored_from_a_changed_slot(self):
        text = """
            entry e, 1
            call f
            ud2
            function f
            push rbx
            xor ebx, ebx
            {}
            pop rbx
            ret"""
        for line in ("add qword ptr [rsp], 8", "xchg [rsp], rdi",
                     "mov rdi, rsp\n mov ecx, 8\n rep stosb", "mov rdi, rsp\n stosq"):
            self.assertEqual(kinds(X86, text.format(line)), {"register"}, line)
        for line in ("cmp qword ptr [rsp], 8", "mov rsi, rsp\n mov ecx, 8\n rep lodsb"):
            self.assertEqual(kinds(X86, text.format(line)), set(), line)
        self.assertEqual(kinds(X86, text.format("lea rdi, [rsp - 8]\n mov ecx, 8\n rep stosb")),
                         {"red-zone"})

    def test_a_slot_told_from_elsewhere_may_be_any_slot(self):
        text = """
            entry e, 1
            push rbp
            mov rbp, rsp
            and rsp, -64
            sub rsp, 64
            mov qword ptr [rsp + 8], 0
            {}
            mov rax, [rsp + 8]
            test rax, rax
            jne 1f
            ud2
        1:  cli
            ud2"""
        self.assertEqual(kinds(X86, text.format("mov qword ptr [rbp - 64], 1")), {"open-world"})
        self.assertEqual(kinds(X86, text.format("mov qword ptr [rsp + 16], 1")), set())


class Numbers(unittest.TestCase):
    def test_what_is_shifted_are_the_low_bits(self):
        text = """
            entry e, 1
            {}
            {} 1f
            cli
        1:  ud2"""
        for lines, jump in (("movabs rax, 0x100000000\n shr eax, 1", "jne"),
                            ("movabs rax, 0x100000002\n shr eax, 1\n cmp eax, 1", "jne"),
                            ("mov eax, 4\n .byte 0xc1, 0xe8, 33", "je"),
                            ("mov ecx, 64\n mov eax, 1\n shr rax, cl\n test eax, eax", "je"),
                            ("mov ecx, 32\n xor eax, eax\n cmp edx, esi\n shr eax, cl", "je"),
                            ("xor eax, eax\n lea rax, [rax - 1]\n shr rax, 63\n dec rax", "jne")):
            self.assertEqual(kinds(X86, text.format(lines, jump)), {"open-world"}, lines)
        for lines in ("mov eax, 1\n shr eax, 1", "mov eax, 7\n shr eax, 3"):
            self.assertEqual(kinds(X86, text.format(lines, "je")), set(), lines)


class Pointers(unittest.TestCase):
    def test_an_indexed_address_may_be_that_of_any_slot(self):
        for line in ("add x0, sp, x1\n str x2, [x0]", "add x0, sp, w1, uxtw\n str x2, [x0]",
                     "sub x0, sp, x1\n str x2, [x0]", "str x2, [sp, x1]",
                     "str x2, [sp, w1, sxtw #3]", "str x2, [x1, x5]",
                     "madd x0, x1, x2, x29\n str x3, [x0]"):
            line = f"mov x29, sp\n add x5, sp, #8\n {line}" if "x5" in line or "x29" in line \
                else line
            self.assertEqual(kinds(ARM, ARM_SLOT.format(line)), {"too-deep"}, line)
        for line in ("mov [rsp + rcx*8], rdi", "lea rax, [rsp + rcx*8]\n mov [rax], rdi",
                     "lea rbp, [rsp + 24]\n mov [rbp + rcx*8 - 24], rdi",
                     "mov rbp, rsp\n mov [rcx + rbp], rdi", "mov rbp, rsp\n or rbp, rcx",
                     "mov rbp, rsp\n xchg rax, rbp\n mov [rax + 8], rdi",
                     "mov rbp, rsp\n cmovc rax, rbp\n mov [rax + 8], rdi"):
            self.assertEqual(kinds(X86, X86_SLOT.format(line)), {"too-deep"}, line)

    def test_what_is_popped_may_have_changed(self):
        text = """
            entry e, 1
            push 0
            {}
            pop rdx
            test rdx, rdx
            je 1f
            cli
        1:  ud2"""
        self.assertEqual(kinds(X86, text.format("mov rax, rsp\n mov [rax + rcx], dil")),
                         {"open-world"})
        self.assertEqual(kinds(X86, text.format("mov [rax + rcx], dil")), set())

    def test_another_index_is_not(self):
        for line in ("add x0, x2, x1\n str x2, [x0]", "add x0, sp, #16\n str x2, [x0]",
                     "add x4, sp, #16\n str x2, [x4, x1]", "ldr x2, [sp, x1]"):
            self.assertEqual(kinds(ARM, ARM_SLOT.format(line)), set(), line)
        for line in ("mov [rdi + rcx*8], rdi", "mov rdx, [rsp + rcx*8]"):
            self.assertEqual(kinds(X86, X86_SLOT.format(line)), set(), line)


class Strings(unittest.TestCase):
    def test_a_repeated_instruction_touches_only_if_it_is_repeated(self):
        text = """
            entry e, 1
            sub rsp, 3900
            mov rdi, rsp
            {}
            off 4, 1024
            on 4
            ud2"""
        for lines in ("xor ecx, ecx\n rep stosb", "mov rcx, rsi\n rep stosb",
                      "mov ecx, 10\n repne scasb", ""):
            self.assertEqual(kinds(X86, text.format(lines)), {"hole"}, lines)
        for lines in ("mov ecx, 10\n rep stosb", "stosb", "mov ecx, 1\n rep movsq"):
            self.assertEqual(kinds(X86, text.format(lines)), set(), lines)

    def test_in_a_section_it_counts_in_any_case(self):
        text = """
            entry e, 1
            off 4, 128
            lea rdi, [rsp - {}]
            rep stosb
            on 4
            ud2"""
        self.assertEqual(kinds(X86, text.format(3000)), {"too-deep"})
        self.assertEqual(kinds(X86, text.format(100)), set())


if __name__ == "__main__":
    unittest.main()
