#!/usr/bin/python3
"""The monitor of a kernel that records sections: sites with their hits, within 80 columns."""

import typist
from typist import Typist


def main():
    options = typist.arguments()
    with Typist(options.arch, options.build) as user:  # which holds every answer to 80 columns
        for rule in range(1, 6):
            user.expect(f"sites {rule}", r"^ +hits +window +turns +at$",
                        r"^ +\d+ +\d+  (?:interrupts|preemption) off +\S+ \+0x",
                        rf"^\d+ sites? states? rule {rule}:")
        user.expect("sites 4", r"^ +[1-9]\d* +\d+  ")
    print("sites are listed with their hits")


if __name__ == "__main__":
    main()
