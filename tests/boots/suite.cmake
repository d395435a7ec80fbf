# The in-kernel tests and the main job, booted in the ways that matter: both architectures, each
# build, one to eight CPUs, each boot path and interrupt controller, little and much memory.

foreach(arch x86_64 aarch64)
    # The suite, on the plain and on the invariant build alike.
    foreach(build release invariants)
        set(counts 1 4)
        if(build STREQUAL "release")
            set(counts 1 8)
        endif()
        foreach(cpus IN LISTS counts)
            fathom_boot_test(NAME ${arch}.${build}.smp${cpus}
                PRESET ${arch}-${build} SMP ${cpus} ARGS "run=tests" TIMEOUT 600)
        endforeach()
    endforeach()
    # What a user types: the tests find memory as the main job has left it.
    foreach(cpus 2 4)
        fathom_boot_test(NAME ${arch}.as_typed.smp${cpus}
            PRESET ${arch}-release SMP ${cpus} TIMEOUT 600)
    endforeach()
    # The sweep on two CPUs; on one and on four it is part of the above.
    foreach(build release invariants)
        fathom_boot_test(NAME ${arch}.${build}.sweep.smp2
            PRESET ${arch}-${build} SMP 2 ARGS "run=tests 'test=sweep*'" LABELS sweep)
    endforeach()
    # Real races between CPUs that are threads of the host.
    fathom_boot_test(NAME ${arch}.invariants.real_time.smp4
        PRESET ${arch}-invariants SMP 4 REAL_TIME ARGS "run=tests" TIMEOUT 900)
    fathom_boot_test(NAME ${arch}.release.smp2.seed7
        PRESET ${arch}-release SMP 2 SEED 7 ARGS "run=tests" TIMEOUT 600)
    fathom_boot_test(NAME ${arch}.hardened.smp2
        PRESET ${arch}-hardened SMP 2 MEM 256M ARGS "run=tests" TIMEOUT 900)
    fathom_boot_test(NAME ${arch}.eager.smp2
        PRESET ${arch}-eager SMP 2 MEM 1G ARGS "run=tests" TIMEOUT 600)

    # What Clang makes of it: builds that make test has not (make clang).
    fathom_boot_test(NAME ${arch}.clang.smp4
        PRESET ${arch}-clang-release SMP 4 ARGS "run=search,tests" TIMEOUT 600 LABELS clang)

    # The least memory that docs/monitor.md promises.
    fathom_boot_test(NAME ${arch}.release.20M
        PRESET ${arch}-release SMP 2 MEM 20M BOOT direct ARGS "run=tests" TIMEOUT 600)

    # The main job, on machines of all sizes.
    fathom_boot_test(NAME ${arch}.bare.jobs PRESET ${arch}-bare ARGS "run=search,park")
    foreach(cpus 1 8)
        fathom_boot_test(NAME ${arch}.jobs.smp${cpus}
            PRESET ${arch}-release SMP ${cpus} ARGS "run=search,park")
    endforeach()
    foreach(memory 48M 1G 4G)
        fathom_boot_test(NAME ${arch}.search.${memory}
            PRESET ${arch}-release MEM ${memory} ARGS "run=search")
    endforeach()

    foreach(cpus 1 4)
        add_test(NAME boot.${arch}.same_log_twice.smp${cpus}
            COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/same_log_twice.py
                --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release --smp ${cpus}
                --name ${arch}.same_log_twice.smp${cpus} --timeout 300)
        set_tests_properties(boot.${arch}.same_log_twice.smp${cpus} PROPERTIES
            TIMEOUT 720 LABELS "boot;${arch};${arch}-release"
            # On a busy host a run may need several tries (tools/same_log.py).
            PROCESSORS 2)
    endforeach()
endforeach()

# What QEMU says of the kernel: fathom_witness_test(<script> <name> <arch> [argument...])
function(fathom_witness_test script name arch)
    add_test(NAME boot.${arch}.${name}
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${script}.py
            --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release ${ARGN})
    set_tests_properties(boot.${arch}.${name} PROPERTIES
        TIMEOUT 300 LABELS "boot;${arch};${arch}-release")
endfunction()

foreach(arch x86_64 aarch64)
    fathom_witness_test(page_rights page_rights ${arch})
    fathom_witness_test(fault_counts fault_counts.smp1 ${arch} --smp 1)
    fathom_witness_test(fault_counts fault_counts.smp4 ${arch} --smp 4)
    fathom_witness_test(late_cpus late_cpus ${arch} --smp 4)
    fathom_witness_test(touched_memory touched_memory ${arch})
endforeach()

fathom_boot_test(NAME x86_64.iso PRESET x86_64-release BOOT iso ARGS "run=search")
fathom_boot_test(NAME x86_64.uefi PRESET x86_64-release BOOT uefi MEM 256M ARGS "run=search")
foreach(machine pc microvm)
    fathom_boot_test(NAME x86_64.${machine}
        PRESET x86_64-release MACHINE ${machine} ARGS "run=search")
endforeach()
fathom_boot_test(NAME aarch64.gic3 PRESET aarch64-release GIC 3 ARGS "run=search,park")
fathom_boot_test(NAME aarch64.gic3.smp12 PRESET aarch64-release GIC 3 SMP 12 ARGS "run=search")
fathom_boot_test(NAME aarch64.el2 PRESET aarch64-release EL2 ARGS "run=search,park")
fathom_boot_test(NAME aarch64.elf PRESET aarch64-release BOOT elf ARGS "run=park")

add_test(NAME release.lines
    COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/release.py --images ${FATHOM_IMAGES})
set_tests_properties(release.lines PROPERTIES TIMEOUT 600 LABELS boot)
