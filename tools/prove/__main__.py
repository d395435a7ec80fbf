"""Entry point: python3 tools/prove --elf build/x86_64-release/fathom.elf"""

import pathlib
import sys

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    __package__ = "prove"

from prove.main import main  # noqa: E402

sys.exit(main())
