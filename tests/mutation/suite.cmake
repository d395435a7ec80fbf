# Mutants of sites (docs/mutation.md): the prover against every label, a few of its verdicts against
# proofs from nothing, two patches of sources compiled and proved; shadow against a few of those
# that it is known to kill and a few that are harmless. `make mutate` does the rest.

set(mutate ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/mutate --quiet)
foreach(arch x86_64 aarch64)
    add_test(NAME mutation.${arch}.prover COMMAND ${mutate} --arch ${arch} --only-prover
        --from-nothing 3 --patches raw_mask_${arch},recursion)
    add_test(NAME mutation.${arch}.shadow
        COMMAND ${mutate} --arch ${arch} --known 3 --detectors shadow --jobs 1)
    foreach(test prover shadow)
        set_tests_properties(mutation.${arch}.${test} PROPERTIES TIMEOUT 600
            LABELS "mutation;${arch}")
    endforeach()
endforeach()
