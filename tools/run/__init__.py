"""Booting Fathom in QEMU. See __main__.py for its use, guest.py for use from tests."""
