# The adversaries over the sweep's operations, on both architectures, on 1 and on 4 CPUs; and each
# adversary against seeded defects (defects.cpp), which a plain run survives.

# fathom_defect_test(<trigger> <adversary> <build> "<text of the report>")
function(fathom_defect_test trigger adversary build text)
    string(REGEX REPLACE ":.*" "" name ${adversary})
    string(REPLACE "-" "_" name ${name})
    foreach(arch x86_64 aarch64)
        fathom_boot_test(NAME ${arch}.adversary.${name}.${build}.${trigger}
            PRESET ${arch}-${build} SMP 1 ARGS "panic_test=${trigger} adversary=${adversary}"
            EXPECT_PANIC "${text}" LABELS adversary)
    endforeach()
endfunction()

# A seed of timer jitter gives the same run, bit by bit (`make soak` runs many).
add_test(NAME soak.sample COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/soak.py
    --seeds 2-3 --twice --args "run=tests test=sync*" --timeout 120)
set_tests_properties(soak.sample PROPERTIES TIMEOUT 900 LABELS adversary)

set(adversaries sweep shadow evict:1 step-evict)
foreach(arch x86_64 aarch64)
    foreach(adversary IN LISTS adversaries)
        string(REGEX REPLACE ":.*" "" name ${adversary})
        string(REPLACE "-" "_" name ${name})
        foreach(cpus 1 4)
            fathom_boot_test(NAME ${arch}.adversary.${name}.smp${cpus}
                PRESET ${arch}-release SMP ${cpus} ARGS "run=tests adversary=${adversary}"
                LABELS adversary)
        endforeach()
    endforeach()

    foreach(trigger section_below_window section_without_prefault section_on_lazy_stack_by_rule1)
        fathom_boot_test(NAME ${arch}.adversary.none.${trigger}
            PRESET ${arch}-release SMP 1 ARGS "panic_test=${trigger}"
            EXPECT_FAILED EXPECT_LOG "${trigger}: it came back" LABELS adversary)
    endforeach()

    # OSv's prefault, one page below sp: its hole is found wherever the page edge lies.
    fathom_boot_test(NAME ${arch}.adversary.shadow.historic
        PRESET ${arch}-historic SMP 1 ARGS "run=tests adversary=shadow"
        EXPECT_PANIC "bytes lie between a prefault and the touched byte above it" LABELS adversary)
endforeach()
# A call touches the stack on x86_64 alone: there the hole lets the next push fault.
foreach(adversary sweep step-evict)
    string(REPLACE "-" "_" name ${adversary})
    fathom_boot_test(NAME x86_64.adversary.${name}.historic
        PRESET x86_64-historic SMP 1 ARGS "run=tests adversary=${adversary}"
        EXPECT_PANIC "PANIC: broken rule: stack fault in an atomic section" LABELS adversary)
endforeach()

fathom_defect_test(section_below_window shadow release
    "PANIC: shadow: a section touched 0x")
fathom_defect_test(section_without_prefault shadow release
    "PANIC: shadow: rule 3 is stated in preemptible context")
fathom_defect_test(section_on_lazy_stack_by_rule1 shadow release
    "PANIC: shadow: rule 1 or 2 is stated on a lazily populated stack")

set(fault "PANIC: broken rule: stack fault in an atomic section")
foreach(trigger section_below_window section_without_prefault section_on_lazy_stack_by_rule1)
    fathom_defect_test(${trigger} evict:1 release "${fault}")
    fathom_defect_test(${trigger} step-evict release "${fault}")
endforeach()
