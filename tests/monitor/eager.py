#!/usr/bin/python3
"""The monitor of a kernel whose policy populates whole stacks: no rule can be broken there by a
fault, and it says so."""

import typist
from typist import Typist


def main():
    options = typist.arguments()
    with Typist(options.arch, options.build, memory="512M") as user:
        user.expect("policy", r"^policy eager")
        for rule in range(1, 6):
            user.expect(f"break-rule {rule}",
                        rf"rule {rule} was broken, and nothing happened: the policy eager",
                        r"^  populates whole stacks at creation")
        user.expect("help break-rule", r"TYPE=eager")
    print("break-rule says why nothing happened")


if __name__ == "__main__":
    main()
