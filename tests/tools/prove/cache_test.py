"""What is taken over from the last link: only what still holds, wherever it lies now."""

import pathlib
import tempfile
import unittest

from snippet import prove

from prove import cache
from prove.program import Program
from prove.rules import conclude

KERNEL = {"x86_64": """
            {before}
            entry e, 1
            off 4, 256
            call f
            on 4
            call g
            ud2
            function f
            sub rsp, {size}
            call h
            add rsp, {size}
            ret
            function g
            ret
            function h
            ret""", "aarch64": """
            {before}
            entry e, 1
            stp x29, x30, [sp, #-16]!
            off 4, 256
            bl f
            on 4
            bl g
            brk #0
            function f
            stp x29, x30, [sp, #-{size}]!
            bl h
            ldp x29, x30, [sp], #{size}
            ret
            function g
            ret
            function h
            ret"""}
MORE_CODE = "function z\n nop\n nop\n nop\n nop"


def told(proof) -> tuple:
    """All that a proof says, without addresses."""
    name = proof.program.image.name_of
    return [(f.kind, f.text, name(f.address)) for f, _ in proof.findings], sorted(
        (name(pc), s.contexts, s.depth, s.gap, s.touches_new) for pc, s in proof.sites.items())


class Cache(unittest.TestCase):
    def analysed(self, arch: str, **changes) -> int:
        """How many analyses a changed kernel needs with the cache of the unchanged one."""
        old = prove(arch, KERNEL[arch].format(**{"before": "", "size": 32}))
        new = prove(arch, KERNEL[arch].format(**{"before": "", "size": 32} | changes))
        with tempfile.TemporaryDirectory() as folder:
            path = str(pathlib.Path(folder) / "cache")
            cache.save(path, old.program)
            program = Program(new.program.image, new.program.code)
            program.memo.traces = cache.load(path, program).traces
            program.prove()
        self.assertEqual(told(conclude(program)), told(new))
        return program.memo.misses

    def test_an_unchanged_kernel_needs_no_analysis(self):
        for arch in KERNEL:
            self.assertEqual(self.analysed(arch), 0)

    def test_functions_may_move(self):
        for arch in KERNEL:
            self.assertEqual(self.analysed(arch, before=MORE_CODE), 0)

    def test_a_changed_function_and_who_minds_are_analysed(self):
        for arch in KERNEL:
            self.assertEqual(self.analysed(arch, before=MORE_CODE, size=96), 2)

    def test_a_change_that_makes_the_kernel_wrong_is_found(self):
        for arch in KERNEL:
            self.assertGreaterEqual(self.analysed(arch, size=400), 2)

    def test_a_broken_cache_is_an_empty_one(self):
        proof = prove("x86_64", KERNEL["x86_64"].format(before="", size=32))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "cache"
            self.assertEqual(cache.load(str(path), proof.program).traces, {})
            path.write_bytes(b"no cache")
            self.assertEqual(cache.load(str(path), proof.program).traces, {})
            # Pickles that name a class which is gone, and a module which is.
            for names_gone in (b"cprove.summary\nGone\n.", b"cprove.gone\nSummary\n."):
                path.write_bytes(names_gone)
                self.assertEqual(cache.load(str(path), proof.program).traces, {})


if __name__ == "__main__":
    unittest.main()
