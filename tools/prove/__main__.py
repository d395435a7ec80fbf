"""Entry point: python3 tools/prove --elf build/x86_64-release/fathom.elf"""

import gc
import pathlib
import sys

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    __package__ = "prove"

from prove.main import main  # noqa: E402

gc.disable()  # what is found out stays to the end: looking for garbage takes a quarter longer
sys.exit(main())
