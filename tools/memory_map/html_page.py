"""The memory map as one HTML page."""

import pathlib

from report import page

from .snapshot import USES, Snapshot

HERE = pathlib.Path(__file__).resolve().parent
MOST_STACKS = 400  # rows that are drawn; the rest is in the sums


def write(path: pathlib.Path, snapshots: list[Snapshot], arch: str,
          subtitle: str) -> None:
    """Writes the page over snapshots that stand beside each other."""
    data = {"uses": USES, "machines": [columns_of(snapshot) for snapshot in snapshots]}
    body = (HERE / "memory_map.html").read_text(encoding="utf-8")
    page.write(path, f"memory of a run, {arch}", subtitle, body, [HERE / "memory_map.css"],
               [HERE / "memory_map.js"], {"memory": data})


def columns_of(snapshot: Snapshot) -> dict:
    """What the page draws of one machine."""
    stacks = [{"thread": stack.thread, "name": stack.name, "application": stack.application,
               "top": f"{stack.top:#x}", "pages": stack.pages, "populated": stack.populated}
              for stack in snapshot.stacks]
    application = [stack for stack in snapshot.stacks if stack.application]
    return {
        "label": snapshot.label, "ramBase": snapshot.ram_base, "frames": snapshot.frames,
        "stacks": stacks[:MOST_STACKS], "hidden": max(0, len(stacks) - MOST_STACKS),
        "promised": sum(stack.pages for stack in application),
        "populated": sum(count for stack in application for _, count in stack.populated),
        "threads": len(application),
        "regions": [{"name": name, "begin": f"{begin:#018x}", "mapped": mapped}
                    for name, begin, _, mapped in snapshot.regions],
    }
