"""Gates and switches: what is saved comes back from where it was saved, and nothing is lost."""

import unittest

from kernels import kernel
from snippet import prove

X86 = "x86_64"
ARM = "aarch64"


def told(arch: str, **changes) -> str:
    """What is said of a gate and a switch with mistakes in them."""
    return "; ".join(sorted({f.text for f, _ in prove(arch, kernel(arch, **changes)).findings
                             if f.kind in ("frame", "switch")}))


class Gates(unittest.TestCase):
    def test_what_comes_back_as_it_was_is_right(self):
        for arch in (X86, ARM):
            self.assertEqual(told(arch), "")

    def test_registers_that_are_popped_in_another_order_are_named(self):
        self.assertIn("returns with r14 from r15, not from r14", told(X86, pops="r14,r15"))
        self.assertIn("returns with x7 from ", told(ARM, spoil="stp x0, x1, [sp, #56]"))

    def test_a_return_from_another_place_of_the_frame_is_named(self):
        self.assertIn("returns with rsp from rsp, not from rsp+8", told(X86, above=8))
        self.assertIn("returns with sp from sp-16, not from sp", told(ARM, size=272))

    def test_a_lost_system_register_is_named(self):
        self.assertIn("returns with elr_el1 from ", told(ARM, pc=248))

    def test_the_context_word_comes_back(self):
        self.assertIn("returns with gs:0x10 from gs:0x10+65536", told(X86, word="nop"))
        self.assertIn("returns with gs:0x10 from gs:0x10+65536", told(
            X86, word="sub dword ptr gs:0x10, 0x10000\n lock add dword ptr gs:0x10, 0x10000"))
        self.assertIn("returns with the context word from ", told(ARM, spoil="str x1, [sp, #272]"))

    def test_a_register_that_is_made_of_the_cpus_own_data_is_lost(self):
        for line, lost in (("add rbx, gs:8", "rbx"), ("xchg rbx, gs:8", "rbx"),
                           ("or ebx, gs:8", "rbx"), ("movzx ebx, word ptr gs:8", "rbx"),
                           ("cmovne rbx, gs:8", "rbx"), ("imul rbx, gs:8, 3", "rbx"),
                           ("mul qword ptr gs:8", "rdx"), ("lock cmpxchg gs:8, rcx", "rax"),
                           ("pop qword ptr gs:8", "rsp")):
            self.assertIn(f"returns with {lost} from ", told(X86, above=f"16\n {line}"), line)
        for line in ("cmp rbx, gs:8", "inc dword ptr gs:8", "push gs:8\n pop gs:8"):
            self.assertEqual(told(X86, above=f"16\n {line}"), "", line)

    def test_so_is_what_is_written_as_a_whole(self):
        word = "sub dword ptr gs:0x10, 0x10000"
        for lines in ("mov rdi, rsp\n mov ecx, 2\n rep stosq", "lea rdi, [rsp + 8]\n stosq",
                      "mov rdi, rsp\n movsq\n movsq"):
            self.assertIn("returns with r14 from somewhere unknown",
                          told(X86, word=f"{lines}\n {word}"), lines)
        self.assertEqual(told(X86, word=f"lea rdi, [rsp - 8]\n mov rsi, rsp\n lodsq\n {word}"), "")
        self.assertIn("returns with x7 from ", told(ARM, spoil="mov x0, sp\n dc zva, x0"))
        self.assertIn("returns with gs:0x10 from ", told(
            X86, word="mov eax, gs:0x10\n mov word ptr gs:0x10, ax\n " + word))

    def test_the_flags_come_back_where_no_return_loads_them(self):
        text = """
            entry e, 1
            brk #0
            function fathom_system_call_without_stack
            msr nzcv, x17
            {}
            br x16"""
        for line, found in (("nop", False), ("cmp x1, #0", True), ("tst x1, x2", True),
                            ("adds x9, x9, #0", True)):
            texts = [f.text for f, _ in prove(ARM, text.format(line)).findings if f.kind == "frame"]
            self.assertEqual(any("returns with the flags" in t for t in texts), found, line)

    def test_a_loop_on_the_way_out_is_not_understood(self):
        self.assertIn("does not end in a return", told(X86, word="1: xchg r14, r15\n jne 1b"))


    def test_no_other_code_returns_from_a_trap(self):
        """f has a fact, but no vector leads there; so nothing is known of what it loads."""
        other = "\nfunction f\n 775: iretq\n 776: fact 9, 775b, 776b"
        texts = {f.text for f, _ in prove(X86, kernel(X86) + other).findings}
        self.assertTrue(any("does not end in a return of a way" in text for text in texts))


class Switches(unittest.TestCase):
    def test_a_thread_that_was_interrupted_gets_its_own_registers(self):
        self.assertIn("returns with r15 from [rsi+24], not from [rsi+16]",
                      told(X86, resumed="r14,r15"))

    def test_the_frame_is_where_it_was_put(self):
        self.assertIn("returns with rsp from rsi+160, not from rsi+152", told(X86, record=24))
        self.assertIn("returns with x5 from [x1+64], not from [x1+56]", told(ARM, record=24))

    def test_what_is_lost_before_it_is_saved_is_named(self):
        self.assertIn("does not save rbx", told(X86, begin="xor ebx, ebx"))
        self.assertIn("does not save x20", told(ARM, begin="mov x20, x19"))

    def test_what_is_restored_from_elsewhere_is_named(self):
        self.assertIn("saves rbx at 56, but restores it from [rsi+48]", told(X86, rbx=48))
        self.assertIn("saves sp at 264, but restores it from [x1+272]", told(ARM, sp=272))
        self.assertIn("saves return address at 256", told(ARM, link="x9"))

    def test_the_switch_uses_no_stack(self):
        for arch, text in ((X86, "sub rsp, 3900\n push rax\n add rsp, 3908"),
                           (ARM, "str x9, [sp, #-256]")):
            self.assertIn("the switch uses the stack", told(arch, begin=text))


if __name__ == "__main__":
    unittest.main()
