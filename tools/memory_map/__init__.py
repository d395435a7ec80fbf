"""Physical and virtual memory of a run at one moment, as a picture: lazy beside eager stacks.

See __main__.py for the use. snapshot.py stops the run and reads its memory, html_page.py and
memory_map.js draw it.
"""
