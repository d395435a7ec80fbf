"""The parts of Fathom's GDB support; each module registers its commands when it is imported."""
