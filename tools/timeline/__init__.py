"""What a run did, as a picture: its trace rings as a timeline.

The rings are read from the guest's memory when the run has ended, so nothing is added to the run
and any end will do: a panic or a hang as well. See __main__.py for the use.

    guest_memory.py   the guest's RAM and the kernel's ELF file: symbols, page tables
    rings.py          trace/event.hpp's rings as events
    threads.py        the threads that are alive, for their names
    places.py         code addresses as function, file and line
    model.py          events as runs, sections, interrupts, faults
    chrome_trace.py   the model as trace JSON for Perfetto and speedscope
    html_page.py      the model as one page, drawn by timeline.js
"""
