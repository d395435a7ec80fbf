# The in-kernel tests, booted in the ways that matter: both architectures, invariants off and on, one
# and several CPUs, each boot path and interrupt controller, little and much memory.

foreach(arch x86_64 aarch64)
    foreach(build release invariants)
        foreach(cpus 1 4)
            fathom_boot_test(NAME ${arch}.${build}.smp${cpus}
                PRESET ${arch}-${build} SMP ${cpus} ARGS "run=tests")
        endforeach()
    endforeach()
    fathom_boot_test(NAME ${arch}.hardened.smp2
        PRESET ${arch}-hardened SMP 2 MEM 256M ARGS "run=tests")
    fathom_boot_test(NAME ${arch}.eager.smp2
        PRESET ${arch}-eager SMP 2 MEM 1G ARGS "run=tests")
    fathom_boot_test(NAME ${arch}.release.jobs
        PRESET ${arch}-release SMP 2 ARGS "run=search,park")
    fathom_boot_test(NAME ${arch}.real_time.smp4
        PRESET ${arch}-invariants SMP 4 ARGS "run=tests" REAL_TIME)
endforeach()

fathom_boot_test(NAME x86_64.iso PRESET x86_64-release BOOT iso ARGS "run=search,park")
fathom_boot_test(NAME x86_64.uefi PRESET x86_64-release BOOT uefi MEM 256M ARGS "run=search,park")
fathom_boot_test(NAME aarch64.gic3 PRESET aarch64-release GIC 3 ARGS "run=search,park")
fathom_boot_test(NAME aarch64.el2 PRESET aarch64-release EL2 ARGS "run=search,park")
