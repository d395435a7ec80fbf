#!/usr/bin/python3
"""The run tool turns what a user types into the QEMU command and the kernel command line meant.

What would break without it: a pattern with quotes reaches the kernel mangled on one boot path; a
typing error boots something else than asked for.
"""

import pathlib
import struct
import tarfile
import tempfile
import unittest

from run import elf_entry, machine, media, options

FOLDER = pathlib.Path("/nowhere")


def parse(*arguments):
    return options.parse(["--dry", *arguments])


def command(*arguments):
    return machine.qemu_command(parse(*arguments), FOLDER)


class CommandLine(unittest.TestCase):
    def test_words_are_spelled_as_grub_spells_them(self):
        spelled = parse("--args", r"""'pattern=a "b" \d' run=tests""").command_line()
        self.assertEqual(spelled, r'"pattern=a \"b\" \\d" run=tests')

    def test_the_seed_joins_the_command_line(self):
        self.assertEqual(parse("--args", "run=tests", "--seed", "7").command_line(),
                         "seed=7 run=tests")

    def test_aarch64_is_told_that_somebody_reads_its_exit_status(self):
        self.assertEqual(parse("--arch", "aarch64").command_line(), "semihosting=1")
        self.assertEqual(parse("--arch", "aarch64", "--args", "run=tests").told_command_line(),
                         "run=tests")

    def test_grub_gets_each_word_quoted(self):
        configuration = media.grub_configuration(["test=mm:*", "pattern=it's"], True)
        self.assertIn("multiboot2 /boot/fathom.elf 'test=mm:*' 'pattern=it'\\''s'\n", configuration)
        self.assertIn("module2 /boot/input", configuration)

    def test_an_open_quote_is_refused(self):
        with self.assertRaises(options.UsageError):
            parse("--args", "'pattern=x")


class Command(unittest.TestCase):
    def test_a_run_counts_instructions_by_default(self):
        words = command("--arch", "x86_64")
        self.assertIn("shift=0,sleep=off", words)
        self.assertIn("base=2026-01-01T00:00:00,clock=vm", words)
        self.assertIn("shift=4,sleep=off", command("--arch", "aarch64"))

    def test_real_time_means_several_host_threads_and_long_deadlines(self):
        words = command("--arch", "aarch64", "--real-time")
        self.assertIn("tcg,thread=multi", words)
        self.assertNotIn("-icount", words)
        self.assertIn("deadline_scale=1000", words[words.index("-append") + 1])

    def test_uefi_firmware_gets_a_faster_clock_and_the_tests_longer_deadlines(self):
        self.assertIn("shift=4,sleep=off", command("--arch", "x86_64", "--boot", "uefi"))
        self.assertEqual(parse("--arch", "x86_64", "--boot", "uefi").command_line(),
                         "deadline_scale=1000")

    def test_aarch64_boots_the_flat_image_and_can_boot_the_elf(self):
        self.assertTrue(any(word.endswith("/Image") for word in command("--arch", "aarch64")))
        words = command("--arch", "aarch64", "--boot", "elf")
        self.assertTrue(any(word.endswith("/fathom.elf") for word in words))

    def test_the_machine_is_what_was_asked_for(self):
        words = command("--arch", "aarch64", "--gic", "3", "--el2", "--smp", "4", "--mem", "1G")
        self.assertIn("virt,gic-version=3,virtualization=on", words)
        self.assertEqual(words[words.index("-smp") + 1], "4")
        self.assertEqual(words[words.index("-m") + 1], "1G")

    def test_ram_in_a_file_is_shared(self):
        words = command("--arch", "x86_64", "--ram-file", "/r", "--mem", "64M")
        self.assertIn("memory-backend-file,id=ram,size=64M,share=on,mem-path=/r", words)
        self.assertIn("q35,sata=off,memory-backend=ram", words)

    def test_uefi_adds_both_flash_chips(self):
        words = " ".join(command("--arch", "x86_64", "--boot", "uefi"))
        self.assertIn("unit=0,format=raw,readonly=on", words)
        self.assertIn("unit=1,format=raw", words)

    def test_contradictions_are_refused(self):
        for wrong in (["--arch", "aarch64", "--boot", "iso"],
                      ["--arch", "x86_64", "--boot", "elf"],
                      ["--arch", "aarch64", "--gic", "2", "--smp", "9"],
                      ["--arch", "x86_64", "--gic", "3"], ["--arch", "x86_64", "--el2"],
                      ["--machine", "microvm", "--boot", "iso"],
                      ["--arch", "x86_64", "--machine", "virt"],
                      ["--arch", "aarch64", "--machine", "q35"],
                      ["--input", "/no/such/file"], ["--smp", "0"],
                      ["--record", "r", "--smp", "2"],
                      ["--record", "r", "--smp", "1", "--real-time"],
                      ["--record", "r", "--smp", "1", "--boot", "iso"]):
            with self.assertRaises(options.UsageError, msg=wrong):
                parse(*wrong)

    def test_an_image_that_is_not_built_is_named(self):
        with self.assertRaisesRegex(options.UsageError, "is not built: make build-x86_64-bare$"):
            options.parse(["--build", "/tmp/x86_64-bare"])

    def test_a_value_that_is_none_is_named_in_the_words_of_the_makefile(self):
        for arguments, words in ((["--gic", "4"], "GIC=4: use 2, 3"),
                                 (["--smp", "two"], "SMP=two: a number is needed"),
                                 (["--boot", "usb"], "BOOT=usb: use direct, iso, uefi, elf"),
                                 (["--view", "x"], "VIEW=x: use auto, tree, raw"),
                                 (["--mode", "x"], "MODE=x: use monitor")):
            with self.assertRaisesRegex(options.UsageError, f"^{words}$"):
                parse(*arguments)
        with self.assertRaisesRegex(options.UsageError, "unrecognized arguments: --nonsense"):
            parse("--nonsense")

    def test_the_shipped_text_is_the_boot_module_unless_told_otherwise(self):
        words = command("--arch", "x86_64")
        self.assertEqual(words[words.index("-initrd") + 1], str(options.DEFAULT_INPUT))
        self.assertNotIn("-initrd", command("--arch", "x86_64", "--input", "none"))
        self.assertNotIn("-initrd", command("--arch", "aarch64", "--boot", "elf"))


class ExitStatus(unittest.TestCase):
    def test_x86_64_tells_the_kernels_status_from_qemus_own(self):
        run = parse("--arch", "x86_64")
        codes = {code: machine.guest_status(run, code) for code in (33, 35, 37, 0, 1, 39)}
        self.assertEqual(codes, {33: 0, 35: 1, 37: 2, 0: None, 1: None, 39: None})

    def test_aarch64_gives_the_status_itself(self):
        run = parse("--arch", "aarch64")
        codes = {code: machine.guest_status(run, code) for code in (0, 1, 2, 3, -9)}
        self.assertEqual(codes, {0: 0, 1: 1, 2: 2, 3: None, -9: None})


class Module(unittest.TestCase):
    def test_a_folder_becomes_the_same_ustar_archive_each_time(self):
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            source = scratch / "texts"
            (source / "sub").mkdir(parents=True)
            (source / "b.txt").write_text("b")
            (source / "sub" / "a.txt").write_text("a")
            archive = media.prepare_module(source, scratch)
            first = archive.read_bytes()
            (source / "b.txt").touch()
            media.prepare_module(source, scratch)
            self.assertEqual(first, archive.read_bytes())
            with tarfile.open(archive) as packed:
                self.assertEqual(packed.getnames(), ["b.txt", "sub/a.txt"])

    def test_a_file_is_handed_over_as_it_is(self):
        self.assertEqual(media.prepare_module(__file__, FOLDER), pathlib.Path(__file__))


class FirstInstruction(unittest.TestCase):
    def image(self, folder, note):
        """A small ELF file: one segment 0xffffffff80200000 at 0x40200000, and `note`."""
        header = b"\x7fELF" + bytes(20) + struct.pack("<QQ", 0xffffffff80200010, 64)
        header += struct.pack("<QIHHHHHH", 0, 0, 64, 56, 2, 0, 0, 0)
        load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0xffffffff80200000, 0x40200000, 64, 64, 0)
        notes = struct.pack("<IIQQQQQQ", 4, 4, 64 + 112, 0, 0, len(note), len(note), 0)
        path = pathlib.Path(folder) / "fathom.elf"
        path.write_bytes(header + load + notes + note)
        return path

    def test_it_is_the_entry_as_loaded_or_the_pvh_entry(self):
        pvh = struct.pack("<III", 4, 4, 18) + b"Xen\0" + struct.pack("<I", 0x100040)
        other = struct.pack("<III", 4, 4, 1) + b"GNU\0" + bytes(4)
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(elf_entry.first_instruction(self.image(folder, other)), 0x40200010)
            self.assertEqual(elf_entry.first_instruction(self.image(folder, other + pvh)), 0x100040)


if __name__ == "__main__":
    unittest.main()
