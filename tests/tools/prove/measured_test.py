"""What a run measured is held against what is proved."""

import pathlib
import tempfile
import unittest

from snippet import prove

from prove import measured

KERNEL = """
            entry e, 1
            off 4, 512
            call f
            on 4
            ud2
            function f
            sub rsp, 24
            add rsp, 24
            ret"""


class Measured(unittest.TestCase):
    def complaints(self, text: str) -> list[str]:
        """What is said of a log with a line for the snippet's site."""
        proof = prove("x86_64", KERNEL)
        pc = next(pc for pc, s in proof.sites.items() if s.depth is not None)
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            log.write_text(text.format(pc=f"{pc:#018x}", elsewhere=f"{pc + 1:#018x}"))
            return measured.complaints(measured.read(str(log)), proof.sites, hex)

    def test_a_depth_that_is_proved_is_no_complaint(self):
        line = "# adversary-site: pc={pc} rule=4 window=512 deepest=32 hits=1\n"
        self.assertEqual(self.complaints(line), [])

    def test_a_run_deeper_than_proved_is_one(self):
        line = "# adversary-site: pc={pc} rule=4 window=512 deepest=40 hits=1\n"
        self.assertEqual(len(self.complaints(line)), 1)

    def test_a_site_that_the_proof_does_not_know_is_one(self):
        line = "# adversary-site: pc={elsewhere} rule=4 window=512 deepest=0 hits=1\n"
        self.assertEqual(len(self.complaints(line)), 1)

    def test_a_log_without_sites_is_refused(self):
        with self.assertRaises(ValueError):
            self.complaints("nothing\n")


if __name__ == "__main__":
    unittest.main()
