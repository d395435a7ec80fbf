#!/usr/bin/python3
"""The layer check catches an include that points up, and nothing else.

What would break without it: the check could pass over everything, and layers would grow together.
"""

import pathlib
import tempfile
import unittest

import check_layers


def violations(name, text):
    return check_layers.violations_in(pathlib.PurePosixPath(name), text)


class CheckLayers(unittest.TestCase):
    def test_an_include_upwards_is_caught_with_its_line(self):
        found = violations("kernel/mm/heap.cpp", "// x\n#include <sched/thread.hpp>\n")
        self.assertEqual(found, [(2, "mm includes <sched/thread.hpp>, which is sched")])

    def test_each_layer_may_include_itself_and_what_is_below(self):
        for position, layer in enumerate(check_layers.LAYERS):
            for other_position, other in enumerate(check_layers.LAYERS):
                folder = "tests/x" if layer == "tests" else f"kernel/{layer}"
                found = violations(f"{folder}/a.cpp", f"#include <{other}/b.hpp>\n")
                self.assertEqual(bool(found), other_position > position, f"{layer} <- {other}")

    def test_the_assertions_way_out_counts_as_lib(self):
        self.assertEqual(violations("kernel/lib/assert.hpp", "#include <arch/panic_entry.hpp>\n"),
                         [])
        self.assertTrue(violations("kernel/lib/assert.hpp", "#include <arch/irq.hpp>\n"))

    def test_native_headers_are_the_arch_layer(self):
        self.assertTrue(violations("kernel/lib/a.cpp", "#include <native/irq.hpp>\n"))
        self.assertEqual(violations("kernel/context/a.cpp", "#include <native/irq.hpp>\n"), [])
        self.assertTrue(violations("kernel/arch/x86_64/native/irq.hpp",
                                   "#include <context/site.hpp>\n"))

    def test_the_policy_alias_is_for_context_and_above(self):
        self.assertTrue(violations("kernel/arch/irq.hpp", "#include <stack_policy.hpp>\n"))
        self.assertEqual(violations("kernel/lib/a.hpp", "#include <build_options.hpp>\n"), [])

    def test_the_kernel_never_includes_its_tests_or_its_boot_code(self):
        self.assertTrue(violations("kernel/main/main.cpp", "#include <runner/test.hpp>\n"))
        self.assertTrue(violations("kernel/main/main.cpp", "#include <boot/header.hpp>\n"))

    def test_boot_code_knows_only_lib_and_the_arch_contracts(self):
        self.assertEqual(violations("boot/x86_64/a.cpp", "#include <lib/boot_info.hpp>\n"), [])
        self.assertTrue(violations("boot/x86_64/a.cpp", "#include <mm/init.hpp>\n"))

    def test_quotes_are_for_headers_of_the_same_folder(self):
        self.assertEqual(violations("kernel/mm/a.cpp", '#include "private.hpp"\n'), [])
        self.assertTrue(violations("kernel/mm/a.cpp", '#include "../sched/thread.hpp"\n'))

    def test_standard_headers_and_boost_are_free(self):
        self.assertEqual(violations("kernel/lib/a.hpp", "#include <array>\n"
                                    "#include <boost/intrusive/list.hpp>\n"), [])

    def test_an_unknown_folder_in_the_kernel_is_caught(self):
        self.assertTrue(violations("kernel/misc/a.hpp", "#include <array>\n"))

    def test_the_program_fails_on_a_tree_with_a_violation(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "kernel" / "lib"
            folder.mkdir(parents=True)
            (folder / "a.hpp").write_text("#include <mm/heap.hpp>\n")
            self.assertEqual(check_layers.main(["--root", scratch]), 1)
            (folder / "a.hpp").write_text("#include <lib/units.hpp>\n")
            self.assertEqual(check_layers.main(["--root", scratch]), 0)


if __name__ == "__main__":
    unittest.main()
