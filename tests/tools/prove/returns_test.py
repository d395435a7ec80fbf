"""Returns: to where the call came from, and nowhere else."""

import unittest

from snippet import kinds

X86 = "x86_64"
ARM = "aarch64"
CALLED = {X86: """
            entry e, 1
            call f
            ud2
            function g
            ret
            function f
            {}""", ARM: """
            entry e, 1
            bl f
            brk #0
            function g
            ret
            function f
            {}"""}


def of(arch: str, *lines: str) -> set[str]:
    """What is found in a function with these lines."""
    return kinds(arch, CALLED[arch].format("\n".join(lines)))


class ReturnAddresses(unittest.TestCase):
    def test_the_register_is_what_it_was(self):
        frame = "stp x29, x30, [sp, #-16]!"
        self.assertEqual(of(ARM, frame, "bl g", "ldp x29, x30, [sp], #16", "ret"), set())
        for wrong in ([frame, "bl g", "ldp x29, xzr, [sp], #16", "ret"], ["ldr x30, [x0]", "ret"],
                      [frame, "str x0, [sp, #8]", "ldp x29, x30, [sp], #16", "ret"], ["ret x5"]):
            self.assertEqual(of(ARM, *wrong), {"return-address"}, wrong)

    def test_so_it_is_where_another_function_returns_for_this_one(self):
        self.assertEqual(of(ARM, "b g"), set())
        self.assertEqual(of(ARM, "mov x30, x1", "b g"), {"return-address"})
        self.assertEqual(of(ARM, "mov x19, x30", "bl g", "mov x30, x19", "b g"), {"register"})

    def test_a_call_of_the_firmware_changes_what_its_convention_says(self):
        self.assertEqual(of(ARM, "hvc #0", "ret"), set())

    def test_the_slot_is_not_written(self):
        self.assertEqual(of(X86, "push rbx", "pop rbx", "ret"), set())
        for wrong in (["mov [rsp], rdi", "ret"], ["mov [rsp], rdi", "jmp g"],
                      ["mov byte ptr [rsp + 3], 1", "ret"], ["push rbx", "mov [rsp + 8], rbx",
                                                             "pop rbx", "ret"]):
            self.assertEqual(of(X86, *wrong), {"return-address"}, wrong)

    def test_nothing_of_the_callers_is_popped(self):
        self.assertEqual(of(X86, "ret 16"), {"return-address"})


if __name__ == "__main__":
    unittest.main()
