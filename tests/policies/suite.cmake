# Every sound policy passes the whole in-kernel suite; the sweep finds what is wrong with those that
# are not. These images are built for this alone (make policies), so `make test` leaves them out.

foreach(arch x86_64 aarch64)
    foreach(policy conditional packed exception_stack switch_in ensure)
        fathom_boot_test(NAME ${arch}.${policy}.smp1
            PRESET ${arch}-${policy} SMP 1 ARGS "run=tests" TIMEOUT 600 LABELS policy)
    endforeach()
    # A thread that has gone deeper since it was switched in.
    fathom_boot_test(NAME ${arch}.switch_in_alone.sweep
        PRESET ${arch}-switch_in_alone SMP 1 ARGS "run=tests 'test=sweep*'"
        EXPECT_PANIC "PANIC: broken rule: stack fault in an atomic section" LABELS policy)
    add_test(NAME gdb.${arch}.any_context
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tests/gdb/any_context.py
            --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-exception_stack)
    set_tests_properties(gdb.${arch}.any_context PROPERTIES TIMEOUT 600 LABELS "policy;${arch}")
    # Where a section may grow its stack, and nothing is left to grow it by.
    foreach(policy exception_stack switch_in)
        fathom_boot_test(NAME ${arch}.${policy}.growth_reserve_dry
            PRESET ${arch}-${policy} SMP 1 ARGS "panic_test=growth_reserve_dry"
            EXPECT_PANIC "PANIC: no frame is left for a stack fault in an atomic section"
            LABELS policy)
    endforeach()
endforeach()
