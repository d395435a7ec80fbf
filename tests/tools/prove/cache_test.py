"""What is taken over from the last link: only what still holds, wherever it lies now."""

import pathlib
import tempfile
import unittest

from snippet import link, prove

from prove.cache import Cache
from prove.listing import Code
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
CALL = {"x86_64": "entry e, 1\n off 4, 256\n call f\n on 4\n ud2\n", "aarch64":
        "entry e, 1\n stp x29, x30, [sp, #-16]!\n off 4, 256\n bl f\n on 4\n brk #0\n"}
MORE_CODE = "function z\n nop\n nop\n nop\n nop"


def told(proof) -> tuple:
    """All that a proof says, without addresses."""
    name = proof.program.image.name_of
    return [(f.kind, f.text, name(f.address)) for f, _ in proof.findings], sorted(
        (name(pc), s.contexts, s.depth, s.gap, s.touches_new, sorted(map(name, calls_of(s))))
        for pc, s in proof.sites.items())


def calls_of(site) -> set[int]:
    """The functions that a section calls."""
    return {function for _, (function, _) in site.calls}


class CacheTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "cache"

    def proved(self, arch: str, text: str, *options: str) -> Program:
        """The program of a snippet, after its proof with the cache, which is kept for the next."""
        image = link(arch, text, self.folder, *options)
        program = Program(image, Code(image))
        cache = Cache(str(self.path), program)
        cache.load()
        program.prove()
        self.assertEqual(told(conclude(program)), told(prove(arch, text, *options)))
        cache.save()
        return program

    def changed(self, arch: str, **changes) -> Program:
        """A changed kernel with the cache of the unchanged one."""
        self.path.unlink(missing_ok=True)
        self.proved(arch, KERNEL[arch].format(**{"before": "", "size": 32}))
        return self.proved(arch, KERNEL[arch].format(**{"before": "", "size": 32} | changes))

    def analysed(self, arch: str, **changes) -> int:
        """How many analyses a changed kernel needs with the cache of the unchanged one."""
        return self.changed(arch, **changes).memo.misses

    def listed(self, program: Program) -> set[str]:
        """The functions that were listed."""
        return {program.image.name_of(f.start) for f in program.image.functions
                if f.start in program.code}

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

    def test_only_what_is_analysed_is_listed(self):
        for arch in KERNEL:
            self.assertEqual(self.listed(self.changed(arch, before=MORE_CODE)), {"z"})
            self.assertEqual(self.listed(self.changed(arch, size=96)), {"f", "e"})

    def test_a_branch_into_a_function_that_is_not_listed_is_known(self):
        """k goes into the middle of f, by a distance without a relocation, then no longer."""
        text = """
            entry e, 1
            off 4, 256
            call f
            call k
            on 4
            ud2
            function f
            nop
            nop
771:        nop
            ret
            function k
            {jump}
            ret"""
        for first, second in (("nop", "jmp 771b"), ("jmp 771b", "nop")):
            self.path.unlink(missing_ok=True)
            self.proved("x86_64", text.format(jump=first))
            program = self.proved("x86_64", text.format(jump=second))
            f = program.image.address_of["f"]
            self.assertEqual(f + 2 in program.branches.leaders, second != "nop")
            again = self.proved("x86_64", text.format(jump=second))
            self.assertEqual((again.memo.misses, self.listed(again)), (0, set()))
            self.assertEqual(again.branches.leaders & {f + 2}, program.branches.leaders & {f + 2})

    def test_if_many_functions_change_all_are_listed(self):
        more = "".join(f"function more{n}\n nop\n" for n in range(50))
        for arch in KERNEL:
            program = self.changed(arch, before=more)
            self.assertEqual(len(self.listed(program)), len(program.image.functions))

    def test_one_function_listed_by_itself_is_what_it_is_among_all(self):
        for arch in KERNEL:
            image = link(arch, KERNEL[arch].format(before=MORE_CODE, size=32), self.folder)
            whole, parts = Code(image), Code(image)
            whole.list_all()
            for function in image.functions:
                parts.want([function])
            self.assertEqual({at: str(i) for at, i in parts.items()},
                             {at: str(whole[at]) for at in parts})
            self.assertEqual({f.start for f in image.functions} - parts.keys(), set())

    def proved_after(self, first: str, second: str, arch: str = "x86_64") -> set[str]:
        """What is found in a kernel with the cache of another; proved() compares it with nothing
        remembered."""
        self.path.unlink(missing_ok=True)
        self.proved(arch, CALL[arch] + first)
        program = self.proved(arch, CALL[arch] + second)
        return {f.kind for f in (f for s in program.summaries.values() for f in s.findings)}

    def test_code_of_no_function_is_looked_at_anew(self):
        for arch, jump, push in (("x86_64", "jmp", "push rax"),
                                 ("aarch64", "b", "str x0, [sp, #-16]!")):
            text = f"""
            function f
            {jump} 1f
            .size f, . - f
        1:  {{}}
        2:  {jump} 2b
            function g
            ret"""
            self.assertIn("too-deep", self.proved_after(
                text.format("nop"), text.format(f".rept 100\n {push}\n .endr"), arch))

    def test_so_is_a_number_that_the_linker_knows(self):
        text = CALL["x86_64"] + """
            function f
            sub     rsp, offset FRAME
            mov     qword ptr [rsp], 0
            add     rsp, offset FRAME
            ret"""
        self.proved("x86_64", text, "--defsym=FRAME=32")
        self.proved("x86_64", text, "--defsym=FRAME=2032")

    def test_so_is_who_left_for_the_panic_entry_when_that_is_elsewhere(self):
        text = """
            .globl  fathom_panic_entry
            function f
            jmp     foo
            {}
            function foo
            .rept   100
            push    rax
            .endr
        1:  jmp     1b
            function last
            {}
            ud2"""
        self.assertIn("too-deep", self.proved_after(text.format("fathom_panic_entry:", ""),
                                                    text.format("", "fathom_panic_entry:")))

    def test_the_order_of_records_changes_nothing(self):
        record = """
            .pushsection .stack_sites, "a"
            .long   1f - .
            .byte   1 | 4 << 4, 14
            .short  {}
            .popsection"""
        text = """
            function f
        1:  test    byte ptr [rsp - 128], al
            inc     dword ptr gs:0x10
            {}{}
            on      4
            ret"""
        both = [record.format(window).replace("1f", "1b") for window in (128, 256)]
        self.proved_after(text.format(*both), text.format(*both[::-1]))

    def test_a_broken_cache_is_an_empty_one(self):
        # The last two: pickles that name a class which is gone, and a module which is.
        for content in (None, b"no cache", b"cprove.summary\nGone\n.",
                        b"cprove.gone\nSummary\n."):
            self.path.unlink(missing_ok=True)
            if content is not None:
                self.path.write_bytes(content)
            text = KERNEL["x86_64"].format(before="", size=32)
            self.assertGreater(self.proved("x86_64", text).memo.misses, 0)


if __name__ == "__main__":
    unittest.main()
