# One boot for each way to break the kernel (tests/expect_panic/triggers.hpp), and what its report
# must say. A trigger that no build but one can see is booted in that one.

# fathom_panic_test(<trigger> "<text of the report>" [BUILDS build...] [ARCHS arch...] [SMP n]
#                   [LOG "<another line of the report>"])
function(fathom_panic_test trigger text)
    cmake_parse_arguments(panic "" "SMP;LOG" "BUILDS;ARCHS" ${ARGN})
    if(NOT panic_BUILDS)
        set(panic_BUILDS release invariants)
    endif()
    if(NOT panic_ARCHS)
        set(panic_ARCHS x86_64 aarch64)
    endif()
    if(NOT panic_SMP)
        set(panic_SMP 1)
    endif()
    set(log "")
    if(DEFINED panic_LOG)
        set(log EXPECT_LOG "${panic_LOG}")
    endif()
    foreach(arch IN LISTS panic_ARCHS)
        foreach(build IN LISTS panic_BUILDS)
            fathom_boot_test(NAME ${arch}.${build}.panic.${trigger}
                PRESET ${arch}-${build} SMP ${panic_SMP} ARGS "panic_test=${trigger}"
                EXPECT_PANIC "${text}" ${log} LABELS expect_panic)
        endforeach()
    endforeach()
endfunction()

# Rules stated falsely: the invariant build asserts them at the site.
fathom_panic_test(rule1_on_application_thread
    "PANIC: rule 1 stated on a lazily populated stack" BUILDS invariants hardened)
fathom_panic_test(rule2_on_application_thread
    "PANIC: rule 2 stated on a lazily populated stack" BUILDS invariants)
fathom_panic_test(rule3_when_preemptible
    "PANIC: rule 3 stated in preemptible context" BUILDS invariants hardened)
fathom_panic_test(rule4_when_atomic
    "PANIC: rule 4 stated in an atomic section" BUILDS invariants hardened)
fathom_panic_test(api_boundary_when_atomic
    "PANIC: rule 4: a preemptible interface was called from an atomic section" BUILDS invariants)
fathom_panic_test(system_call_when_atomic
    "PANIC: a system call was made in an atomic section" BUILDS release invariants)

# Each rule broken for good: the report says which and why in one sentence, and where to read on.
foreach(rule 1 2 3 4 5)
    fathom_panic_test(break_rule${rule} "Rule ${rule} is broken: "
        BUILDS release LOG "docs/book/rule-${rule}.md")
endforeach()

# A stack fault where none is allowed: every build refuses it.
fathom_panic_test(fault_while_atomic "PANIC: broken rule: stack fault in an atomic section"
    BUILDS release invariants hardened)
fathom_panic_test(fault_with_irqs_off
    "True was: preemption depth 0, interrupt depth 1; the CPU had interrupts off")
fathom_panic_test(fault_with_lock_held "Nearest site: triggers::fault_with_lock_held")
fathom_panic_test(fault_with_lock_held "held, by rank, outermost first: 70" BUILDS hardened)
# The sweep tested: it must find the hole under a frame of 3,800 unwritten bytes, in every build...
fathom_panic_test(swept_gap "Nearest site: section_below_gap<3800"
    BUILDS release invariants hardened)
# ...and what OSv's prefault misses.
foreach(arch x86_64 aarch64)
    foreach(cpus 1 2)
        fathom_boot_test(NAME ${arch}.historic.sweep.smp${cpus}
            PRESET ${arch}-historic SMP ${cpus} ARGS "run=tests 'test=sweep*'"
            EXPECT_PANIC "PANIC: broken rule: stack fault in an atomic section"
            LABELS "sweep;expect_panic")
    endforeach()
endforeach()
# Both frames: the handler's, and under "Its backtrace" that of the code it was called for.
fathom_panic_test(fault_inside_fault_handler "PANIC: a page fault inside the page-fault handler"
    LOG "triggers::fault_inside_fault_handler +")
fathom_panic_test(dead_stack "PANIC: dead stack: write at 0xffffa1")

fathom_panic_test(overflow_by_recursion "PANIC: stack overflow" BUILDS release invariants hardened)
fathom_panic_test(overflow_by_large_frame "PANIC: stack overflow")
fathom_panic_test(overflow_by_alloca "PANIC: stack overflow")
fathom_panic_test(overflow_of_trap_stack "PANIC: stack overflow")
# Two things are wrong then; the overflow is the one to mend.
fathom_panic_test(overflow_while_atomic "PANIC: stack overflow")
fathom_panic_test(overflow_of_system_call_stack "PANIC: stack overflow")
fathom_panic_test(double_fault "PANIC: double fault" ARCHS x86_64)

fathom_panic_test(null_read "PANIC: NULL pointer: read at 0x8")
fathom_panic_test(null_call "PANIC: NULL pointer: called, or jumped to, 0x0")
fathom_panic_test(wild_write "PANIC: wild pointer: 0xffffd12345678000 was written")
fathom_panic_test(wild_jump "PANIC: wild jump to 0xffffd12345678000")
fathom_panic_test(execute_data "PANIC: execution of data at 0x")
fathom_panic_test(write_text "PANIC: write to the kernel's text at 0x")
fathom_panic_test(write_constant "PANIC: write to read-only data at 0x")
fathom_panic_test(floating_point
    "PANIC: floating point used, and the kernel keeps no floating-point state")
fathom_panic_test(invalid_instruction "PANIC: invalid instruction")
fathom_panic_test(unknown_interrupt
    "PANIC: an exception or interrupt that nothing should raise")

fathom_panic_test(failed_assertion "PANIC: a basket is empty: 0x3 apples, 0x4 baskets")
fathom_panic_test(panic_in_panic "PANIC: the report of a panic failed")
# x86_64 stops even a CPU that has interrupts off, by NMI; aarch64 has to leave it and says so.
fathom_panic_test(panic_with_hung_cpu "Other CPUs than 0 stopped: 1" SMP 2 ARCHS x86_64)
fathom_panic_test(panic_with_hung_cpu "DID NOT ANSWER (interrupts off, or hung): 1"
    SMP 2 ARCHS aarch64)

fathom_panic_test(undefined_behaviour
    "PANIC: undefined behaviour: the signed sum 0x7fffffff + 0x1 overflows" BUILDS hardened)
fathom_panic_test(smashed_stack "PANIC: stack protector: an array in the frame of" BUILDS hardened)
fathom_panic_test(two_run_queues
    "PANIC: lock order: a lock of rank 0x28 taken while one of rank 0x28 is held" BUILDS hardened)
fathom_panic_test(lock_order
    "PANIC: lock order: a lock of rank 0x1e taken while one of rank 0x46 is held" BUILDS hardened)

# A kernel that hangs ends in TIMEOUT, with a backtrace; the run must fail and say so.
foreach(arch x86_64 aarch64)
    add_test(NAME boot.${arch}.release.panic.spin_for_ever
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/run --arch ${arch}
            --build ${FATHOM_IMAGES}/${arch}-release --smp 1 --args panic_test=spin_for_ever
            --name ${arch}.release.panic.spin_for_ever
            --log ${PROJECT_BINARY_DIR}/logs/${arch}.release.panic.spin_for_ever.log --timeout 8)
    set_tests_properties(boot.${arch}.release.panic.spin_for_ever PROPERTIES
        PASS_REGULAR_EXPRESSION "spin_for_ever.*TIMEOUT" LABELS "boot;${arch};expect_panic"
        TIMEOUT 120)
endforeach()

# The symbol table: the names are shortened as told, and the second link has moved no function.
add_test(NAME symbols.names
    COMMAND ${FATHOM_PYTHON} -m doctest ${PROJECT_SOURCE_DIR}/tools/make_symbols.py)
foreach(arch x86_64 aarch64)
    foreach(build release bare hardened)
        set(image ${FATHOM_IMAGES}/${arch}-${build})
        add_test(NAME symbols.${arch}.${build}
            COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/make_symbols.py
                --nm ${arch}-linux-gnu-nm ${image}/fathom.pass1.elf --verify ${image}/fathom.elf)
        set_tests_properties(symbols.${arch}.${build} PROPERTIES LABELS "symbols;${arch}")
    endforeach()
endforeach()
