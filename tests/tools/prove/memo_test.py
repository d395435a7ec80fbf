"""A proof from memory is the proof that is made from nothing."""

import unittest

from snippet import prove

from prove.program import Program
from prove.rules import conclude

X86 = "x86_64"
KERNEL = """
            entry e, 1
            off 4, 512
            call f
            on 4
            call g
            ud2
            function f
            sub rsp, {}
            call h
            add rsp, {}
            ret
            function g
            ret
            function h
            ret"""


def told(proof) -> tuple:
    """All that a proof says."""
    return proof.findings, proof.suggestions, proof.unreached, \
        {pc: (s.contexts, s.depth, s.gap, s.touches_new, s.deepest) for pc, s in
         proof.sites.items()}


class Memory(unittest.TestCase):
    def again(self, size: int, changed: set[str]):
        """A proof with a frame of `size` in f, from what is remembered of one with 24."""
        old, new = (prove(X86, KERNEL.format(n, n)) for n in (24, size))
        image = new.program.image
        places = set() if size == 24 else \
            {at for f in map(image.address_of.get, changed) for at in range(f, f + 32)}
        memo = old.program.memo.without({image.address_of[name] for name in changed}, places)
        program = Program(image, new.program.code, memo)
        program.prove()
        self.assertEqual(told(conclude(program)), told(new))
        return memo

    def test_nothing_is_analysed_again_where_nothing_has_changed(self):
        memo = self.again(24, set())
        self.assertEqual(memo.misses, 0)
        self.assertGreater(memo.hits, 0)

    def test_a_deeper_frame_is_seen_by_the_callers_and_only_by_them(self):
        memo = self.again(104, {"f"})
        self.assertEqual(memo.misses, 2)  # f, and e, which has got another answer

    def test_a_change_that_callers_do_not_notice_ends_at_the_function(self):
        self.assertEqual(self.again(24, {"f"}).misses, 1)


if __name__ == "__main__":
    unittest.main()
