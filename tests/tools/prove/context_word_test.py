"""The context word and what lies around it: nothing but a site writes it, however it is reached."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"


class Stores(unittest.TestCase):
    def x86(self, lines):
        return kinds(X86, f"""
            entry e, 1
            mov rax, qword ptr gs:0
            {lines}
            ud2""")

    def arm(self, lines):
        return kinds(ARM, f"""
            .arch armv8.1-a
            entry e, 1
            mrs x0, tpidr_el1
            {lines}
            brk #0""")

    def test_a_store_through_the_cpus_own_pointer_is_refused(self):
        for lines in ("inc dword ptr [rax + 16]", "mov byte ptr [rax + 17], 1",
                      "mov qword ptr [rax + 10], rdx", "xchg [rax + 16], edx",
                      "lea rdx, [rax + 8]\n add rdx, 8\n mov [rdx], ecx",
                      "add rax, 16\n mov [rax], ecx", "mov [rax + rcx*4], edx",
                      "mov rdi, rax\n rep stosb", "mov rdi, rax\n mov ecx, 20\n rep stosb",
                      "push rax\n pop rdx\n mov dword ptr [rdx + 16], 0"):
            self.assertEqual(self.x86(lines), {"open-world"}, lines)

    def test_a_read_of_it_and_a_store_beside_it_are_not(self):
        for lines in ("mov edx, [rax + 16]", "cmp dword ptr [rax + 16], 0",
                      "inc dword ptr [rax + 12]", "mov [rax + 20], edx",
                      "mov [rax + rcx*4 + 24], edx", "mov rdi, rax\n mov ecx, 16\n rep stosb",
                      "lea rdi, [rax + 24]\n rep stosb", "mov rsi, rax\n rep lodsb"):
            self.assertEqual(self.x86(lines), set(), lines)

    def test_a_store_through_the_running_threads_pointer_is_refused(self):
        for lines in ("stadd w1, [x0]", "swp w1, w2, [x0]", "cas w1, w2, [x0]", "str q0, [x0]",
                      "strb w1, [x0, #3]", "add x1, x0, #0\n str wzr, [x1]",
                      "sub x1, x0, #8\n stp x2, x3, [x1]", "str wzr, [x0, x2]",
                      "mov x2, #0\n str wzr, [x0, x2]", "mov x19, x0\n str wzr, [x19]",
                      "dc zva, x0"):
            self.assertNotEqual(self.arm(lines), set(), lines)

    def test_a_read_through_it_and_a_store_beside_are_not(self):
        for lines in ("ldr w1, [x0]", "ldr w1, [x0, x2]", "ldrb w1, [x0, #2]",
                      "add x1, x0, #4\n stset w2, [x1]", "str x1, [x0, #8]",
                      "mov x2, #8\n str wzr, [x0, x2]", "ldp q0, q1, [x0]"):
            self.assertEqual(self.arm(lines), set(), lines)

    def test_a_place_at_gs_that_is_not_known_may_be_it(self):
        for lines in ("inc dword ptr gs:[rcx]", "mov dword ptr gs:[rcx + 24], 0",
                      "mov byte ptr gs:0x12, 1", "mov qword ptr gs:0xc, rdx",
                      "bts dword ptr gs:0xc, ecx", "lock btr dword ptr gs:0, ecx"):
            self.assertEqual(self.x86(lines), {"open-world"}, lines)
        for lines in ("mov edx, dword ptr gs:[rcx]", "inc dword ptr gs:0x14",
                      "bts dword ptr gs:0x14, ecx", "bts dword ptr gs:0xc, 40",
                      "cmp dword ptr gs:[rcx + 24], 0", "or dword ptr gs:0x10, 0x80000000"):
            self.assertEqual(self.x86(lines), set(), lines)


class Segment(unittest.TestCase):
    def test_what_is_read_at_gs_counts_as_what_is_read_elsewhere(self):
        for line in ("add rbx, qword ptr gs:8", "xchg rbx, qword ptr gs:8",
                     "mov rbx, qword ptr gs:8", "pop rbx\n push rbx\n or rbx, gs:[rcx]"):
            self.assertEqual(kinds(X86, f"""
                entry e, 1
                call f
                ud2
                function f
                {line}
                ret"""), {"register"}, line)

    def test_sp_moves_by_what_is_read_there(self):
        text = """
            entry e, 1
            off 4, 128
            {}
            push rax
            on 4
            ud2"""
        for lines in ("sub rsp, qword ptr gs:8", "mov rsp, gs:8",
                      ".rept 100\n push qword ptr gs:8\n .endr"):
            self.assertIn("too-deep", kinds(X86, text.format(lines)), lines)
        self.assertEqual(kinds(X86, text.format("push qword ptr gs:8")), set())

    def test_a_part_of_the_word_may_be_zero_where_the_whole_is_not(self):
        text = """
            entry e, 1
            call f
            ud2
            function f
            irqs_off 4
            {}
            jne 1f
            sub rsp, 3000
            mov qword ptr [rsp], 0
            add rsp, 3000
        1:  irqs_on 4
            ret"""
        self.assertEqual(kinds(X86, text.format("cmp dword ptr gs:0x10, 0")), set())
        for line in ("cmp word ptr gs:0x10, 0", "cmp byte ptr gs:0x10, 0",
                     "cmp dword ptr gs:0x10, 5", "cmp dword ptr gs:0x11, 0",
                     "test byte ptr gs:0x10, 255"):
            self.assertEqual(kinds(X86, text.format(line)), {"too-deep"}, line)

    def test_the_second_byte_of_a_register_is_not_its_first(self):
        text = """
            entry e, 1
            {}
            je 1f
            cli
        1:  ud2"""
        for lines in ("mov eax, 0x100\n movzx ecx, ah\n test ecx, ecx",
                      "mov eax, 0x100\n test ah, 0xff", "mov eax, 0x100\n cmp ah, 0",
                      "xor eax, eax\n cmp eax, 0\n sete ah\n test eax, eax",
                      "xor eax, eax\n mov ah, 1\n test eax, eax"):
            self.assertEqual(kinds(X86, text.format(lines)), {"open-world"}, lines)
        self.assertEqual(kinds(X86, text.format("xor eax, eax\n movzx ecx, al\n test ecx, ecx")),
                         set())


class Ways(unittest.TestCase):
    def test_no_way_leads_into_a_site_past_its_load(self):
        text = """
            entry e, 1
            jmp {}f
        771: test byte ptr [rsp - 128], al
        5:  inc dword ptr gs:0x10
            record 1, 4, 128
            on 4
            ud2"""
        self.assertEqual(kinds(X86, text.format(5)), {"inside-site"})
        self.assertEqual(kinds(X86, text.format(771)), set())
        text = """
            entry e, 1
            mrs x9, tpidr_el1
            b {}f
        771: ldurb wzr, [sp, #-256]
        5:  ldr w10, [x9]
            add w10, w10, #1
            str w10, [x9]
            record 1, 4, 256
            on 4
            brk #0"""
        self.assertEqual(kinds(ARM, text.format(5)), {"inside-site"})
        self.assertEqual(kinds(ARM, text.format(771)), set())


if __name__ == "__main__":
    unittest.main()
