"""The prover: no stack page can fault in an atomic section of the kernel that ships.

docs/proof.md explains the lemma, the method, what is trusted and what is not proved. The modules,
in the order of a run:

    image        the ELF file: bytes, functions, relocations
    records      what the kernel says about itself: sites, thread entries, facts
    disassembly  text of instructions, from objdump
    listing, branches   instructions when they are wanted; where branches lead
    lift_x86_64, lift_aarch64 (operands_..., system_...)   instructions as a few machine-neutral
                 operations
    state, values   what is known at a point of the code; joins
    step (stack, memory, flags)   what an operation does to a state
    site_code    a site's bytes against its record
    function (sections, ways), summary   one function in one context
    program      all functions from all entries: the fixpoint
    switch_check the switch of threads: what is saved comes back
    rules        what must hold, and what is reported where it does not
    report, source, golden, costs, page   tables, JSON, source lines, the committed table, HTML
"""
