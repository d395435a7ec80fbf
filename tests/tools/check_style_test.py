#!/usr/bin/python3
"""Each style rule catches what it is there for, and lets the right form pass.

What would break without it: a rule that matches nothing passes every tree.
"""

import pathlib
import tempfile
import unittest

import check_style
from style import declarations, named_files, text_rules
from style.source import make_file


def found(rule, name, text):
    """What `rule` says of a file of this name and text."""
    return list(rule(make_file(name, text)))


class TextRules(unittest.TestCase):
    def test_a_line_over_100_columns(self):
        self.assertTrue(found(text_rules.line_length, "kernel/a.cpp", "x" * 101))
        self.assertFalse(found(text_rules.line_length, "kernel/a.cpp", "x" * 100))
        self.assertTrue(found(text_rules.line_length, "kernel/a.cpp", "int x; \n"))

    def test_a_file_over_250_lines(self):
        self.assertTrue(found(text_rules.file_length, "kernel/a.cpp", "\n" * 251))
        self.assertFalse(found(text_rules.file_length, "kernel/a.cpp", "\n" * 250))

    def test_a_file_without_a_header_comment(self):
        rule = text_rules.header_comment
        self.assertTrue(found(rule, "kernel/a.cpp", "#include <array>\n"))
        self.assertFalse(found(rule, "kernel/a.cpp", "// What this is.\n"))
        self.assertTrue(found(rule, "tools/a.py", "#!/usr/bin/python3\nimport sys\n"))
        self.assertFalse(found(rule, "tools/a.py", '#!/usr/bin/python3\n"""What."""\n'))

    def test_work_left_for_later(self):
        rule = text_rules.unfinished
        self.assertTrue(found(rule, "kernel/a.cpp", "// TODO: the rest\n"))
        self.assertTrue(found(rule, "kernel/a.cpp", "int x;  // FIXME\n"))
        self.assertFalse(found(rule, "kernel/a.cpp", "// puts off nothing\n"))

    def test_a_naked_interrupt_mask_outside_arch_and_boot(self):
        rule = text_rules.interrupt_mask
        self.assertTrue(found(rule, "kernel/mm/a.cpp", 'asm volatile("cli");\n'))
        self.assertTrue(found(rule, "kernel/mm/a.cpp", 'asm("msr daifset, #2");\n'))
        self.assertFalse(found(rule, "kernel/mm/a.cpp", "// never cli here\nint client;\n"))
        self.assertFalse(found(rule, "kernel/arch/x86_64/a.cpp", 'asm volatile("cli");\n'))

    def test_a_witness_made_out_of_nothing(self):
        rule = text_rules.witness_mint
        text = "auto here = detail::WitnessMint::preemptible();\n"
        self.assertTrue(found(rule, "kernel/mm/a.cpp", text))
        self.assertFalse(found(rule, "kernel/context/atomic_scope.hpp", text))

    def test_a_condition_on_the_architecture_outside_arch_and_boot(self):
        rule = text_rules.architecture_condition
        for condition in ("#ifdef __x86_64__\n", "#if defined(__aarch64__)\n",
                          "#  elif defined __x86_64__ && X\n"):
            self.assertTrue(found(rule, "kernel/mm/a.cpp", condition), condition)
        self.assertFalse(found(rule, "kernel/arch/x86_64/a.cpp", "#ifdef __x86_64__\n"))
        self.assertFalse(found(rule, "kernel/mm/a.cpp", "#if __cplusplus\n"))

    def test_the_probe_called_past_the_guards(self):
        rule = text_rules.probe_callers
        text = "arch::enter_atomic<Turn::irqs_off, Touch::never, 0, 1>();\n"
        self.assertTrue(found(rule, "kernel/sched/a.cpp", text))
        self.assertFalse(found(rule, "kernel/context/atomic_scope.hpp", text))


FILE_CONTEXT = "// What.\n//\n// Context: any.\n"


class DeclarationRules(unittest.TestCase):
    def test_a_function_over_40_lines(self):
        rule = declarations.function_length
        body = "    step();\n" * 39
        self.assertTrue(found(rule, "kernel/a.cpp", f"void run() {{\n{body}}}\n"))
        body = "    step();\n" * 38
        self.assertFalse(found(rule, "kernel/a.cpp", f"void run() {{\n{body}}}\n"))

    def test_a_long_member_function_with_its_signature_on_two_lines(self):
        text = "class C {\n    int run(int a,\n            int b) const {\n" + \
            "        step();\n" * 40 + "    }\n};\n"
        self.assertTrue(found(declarations.function_length, "kernel/a.hpp", text))

    def test_a_long_table_is_no_long_function(self):
        text = "constexpr Row table[] = {\n" + "    row(1),\n" * 60 + "};\n"
        self.assertFalse(found(declarations.function_length, "kernel/a.cpp", text))

    def check_context(self, text, name="kernel/mm/a.hpp"):
        return found(declarations.context_lines, name, text)

    def test_a_function_without_a_context_line(self):
        text = "// What.\n\n/// Takes a frame.\nPhysAddr take(Atomic);\n"
        self.assertEqual(self.check_context(text), [(4, "take(): its comment has no Context line")])
        self.assertEqual(self.check_context("// What.\n\nPhysAddr take(Atomic);\n"),
                         [(3, "take(): its comment has no Context line")])

    def test_a_context_line_of_its_own_or_of_the_file_is_enough(self):
        own = "// What.\n\n/// Takes a frame.\n/// Context: atomic.\nPhysAddr take(Atomic);\n"
        self.assertEqual(self.check_context(own), [])
        whole = FILE_CONTEXT + "\n/// Takes a frame.\nPhysAddr take(Atomic);\n"
        self.assertEqual(self.check_context(whole), [])

    def test_a_file_that_sends_the_reader_to_each_function_needs_it_there(self):
        text = "// What.\n// Context: each says.\n\n/// Takes a frame.\nPhysAddr take(Atomic);\n"
        self.assertEqual(len(self.check_context(text)), 1)

    def test_public_members_count_and_private_ones_do_not(self):
        text = ("// What.\n\nclass Heap {\npublic:\n    /// Takes.\n    void* take(Atomic);\n\n"
                "private:\n    void grow();\n};\n")
        self.assertEqual(self.check_context(text), [(6, "take(): its comment has no Context line")])
        self.assertEqual(self.check_context(text.replace("class", "struct", 1)),
                         self.check_context(text))

    def test_members_of_a_class_are_private_until_it_says_otherwise(self):
        self.assertEqual(self.check_context("// What.\n\nclass Heap {\n    void grow();\n};\n"), [])
        self.assertEqual(len(self.check_context("// W.\n\nstruct Heap {\n    void grow();\n};\n")),
                         1)

    def test_templates_and_attributes_stand_between_comment_and_function(self):
        text = ("// What.\n\n/// Runs.\n/// Context: any.\ntemplate <typename T>\n"
                "[[nodiscard]] T run(T value);\n")
        self.assertEqual(self.check_context(text), [])
        self.assertEqual(len(self.check_context(text.replace("/// Context: any.\n", ""))), 1)

    def test_accessors_special_members_and_details_need_none(self):
        text = ("// What.\n\nstruct A {\n    A(const A&) = delete;\n    int size() { return 1; }\n"
                "    ~A();\n};\nnamespace detail {\nvoid helper(int x);\n}  // namespace detail\n")
        self.assertEqual(self.check_context(text), [])

    def test_calls_inside_a_body_are_no_declarations(self):
        text = ("// What.\n\n/// Runs.\n/// Context: any.\ninline void run() {\n    step();\n"
                "    if (more()) {\n        again();\n    }\n}\n")
        self.assertEqual(self.check_context(text), [])

    def test_a_context_outside_the_vocabulary(self):
        text = "// What.\n\n/// Runs.\n/// Context: whenever.\nvoid run();\n"
        self.assertEqual(len(self.check_context(text)), 1)

    def test_folders_that_are_no_interface_are_left_alone(self):
        self.assertEqual(self.check_context("// What.\n\nvoid run(int x);\n", "kernel/lib/a.hpp"),
                         [])


TREE = frozenset(("kernel/mm/heap.cpp", "kernel/main/main.cpp", "kernel/arch/trap.hpp",
                  "kernel/arch/x86_64/trap.cpp", "kernel/arch/x86_64/ipi.cpp",
                  "kernel/arch/aarch64/trap.cpp", "boot/aarch64/start.S"))


class NamedFiles(unittest.TestCase):
    def missing(self, text, name="kernel/mm/a.cpp"):
        return [message.split(":")[0]
                for _, message in named_files.named_files(make_file(name, text, TREE))]

    def test_a_file_that_is_not_there(self):
        self.assertEqual(self.missing("// See sched/switch.cpp.\n"), ["sched/switch.cpp"])
        self.assertEqual(self.missing("int x;  ///< as heap.hpp has it\n"), ["heap.hpp"])
        self.assertEqual(self.missing("/* heap.cpp,\n   then heap.h */\n"), ["heap.h"])

    def test_a_file_that_is(self):
        self.assertEqual(self.missing("// See heap.cpp and mm/heap.cpp, <mm/heap.cpp>.\n"), [])
        self.assertEqual(self.missing('#include "lost.hpp"\nconst char* s = "// lost.hpp";\n'), [])

    def test_a_bare_name_is_looked_for_in_its_own_layer(self):
        self.assertEqual(self.missing("// Called by main.cpp.\n"), ["main.cpp"])
        self.assertEqual(self.missing("// Called by main/main.cpp.\n"), [])

    def test_the_other_architecture_has_files_of_its_own(self):
        self.assertEqual(self.missing("// See ipi.cpp.\n", "kernel/arch/aarch64/gic.hpp"),
                         ["ipi.cpp"])
        self.assertEqual(self.missing("// See ipi.cpp.\n", "kernel/arch/x86_64/idt.cpp"), [])
        self.assertEqual(self.missing("// See ipi.cpp.\n", "kernel/arch/ipi.hpp"), [])

    def test_any_folder_stands_for_a_name_in_angle_brackets(self):
        self.assertEqual(self.missing("// In arch/<arch>/trap.cpp.\n"), [])
        self.assertEqual(self.missing("// In arch/<arch>/trap.S.\n"), ["arch/<arch>/trap.S"])

    def test_other_folders_and_other_projects_are_left_alone(self):
        self.assertEqual(self.missing("// See lost.cpp.\n", "tests/host/a.cpp"), [])
        self.assertEqual(self.missing("// Xen, public/elfnote.h.\n"), [])


class Program(unittest.TestCase):
    def test_it_fails_on_a_tree_with_a_violation(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "kernel" / "mm"
            folder.mkdir(parents=True)
            (folder / "a.hpp").write_text("int x;\n")
            self.assertEqual(check_style.main(["--root", scratch]), 1)
            (folder / "a.hpp").write_text("// What it is.\nint x;\n")
            self.assertEqual(check_style.main(["--root", scratch]), 0)

    def test_every_rule_runs(self):
        rules = [value for module in (text_rules, declarations, named_files)
                 for name, value in vars(module).items()
                 if callable(value) and value.__doc__ and name in RULE_NAMES]
        self.assertEqual({rule.__name__ for rule in check_style.RULES}, RULE_NAMES)
        self.assertEqual(len(rules), len(RULE_NAMES))


RULE_NAMES = {"line_length", "file_length", "header_comment", "unfinished", "interrupt_mask",
              "witness_mint", "architecture_condition", "probe_callers", "function_length",
              "context_lines", "named_files"}


if __name__ == "__main__":
    unittest.main()
