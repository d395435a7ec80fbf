"""What make can make: the Makefile's rules and a build for each preset."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULE = re.compile(r"^([a-z][-a-z0-9_ ]*):(?!=)", re.MULTILINE)


def targets():
    """The names of what make has rules for; build-* is a pattern over the presets."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {word for line in RULE.findall(text) for word in line.split()}
    presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
    return named | {f"build-{preset['name']}" for preset in presets["configurePresets"]
                    if not preset.get("hidden")}
