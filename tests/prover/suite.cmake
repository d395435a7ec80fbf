# The prover on every image: no false alarm, no broken rule; the kernel that is known to be unsound
# must be seen through; the committed table of sites is what is proved.

set(prove ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/prove --quiet)
foreach(arch x86_64 aarch64)
    foreach(type release bare invariants hardened eager)
        add_test(NAME prove.${arch}.${type}
            COMMAND ${prove} --elf ${FATHOM_IMAGES}/${arch}-${type}/fathom.elf)
        set_tests_properties(prove.${arch}.${type} PROPERTIES TIMEOUT 600 LABELS "prove;${arch}")
    endforeach()

    # OSv's load a page below sp leaves a hole above it.
    add_test(NAME prove.${arch}.historic
        COMMAND ${prove} --expect-broken hole
            --elf ${FATHOM_IMAGES}/${arch}-historic/fathom.elf)
    # Rules, contexts, windows and depths of the kernel that ships.
    add_test(NAME prove.${arch}.golden
        COMMAND ${prove} --elf ${FATHOM_IMAGES}/${arch}-release/fathom.elf
            --golden ${PROJECT_SOURCE_DIR}/tests/data/sites/${arch}.txt)
    # What a build saves of the last link's proof makes no difference to the next.
    add_test(NAME prove.${arch}.cache
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/cached_equals_cold.py
            ${FATHOM_IMAGES}/${arch}-release/fathom.elf ${FATHOM_IMAGES}/${arch}-bare/fathom.elf)
    # The largest kernel, after a change of one source: under 3 s; from nothing: under 15 s.
    add_test(NAME prove.${arch}.incremental
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/incremental.py
            ${FATHOM_IMAGES}/${arch}-hardened)
    # No section that was single-stepped went deeper than proved.
    set(stepped ${arch}.adversary.shadow.smp1)
    add_test(NAME prove.${arch}.measured
        COMMAND ${prove} --elf ${FATHOM_IMAGES}/${arch}-release/fathom.elf
            --measured ${PROJECT_BINARY_DIR}/logs/${stepped}.log)
    set_tests_properties(boot.${stepped} PROPERTIES FIXTURES_SETUP stepped_${arch})
    set_tests_properties(prove.${arch}.measured PROPERTIES FIXTURES_REQUIRED stepped_${arch})
    foreach(test historic golden cache incremental measured)
        set_tests_properties(prove.${arch}.${test} PROPERTIES TIMEOUT 600 LABELS "prove;${arch}")
    endforeach()
    set_tests_properties(prove.${arch}.incremental PROPERTIES PROCESSORS 2)
endforeach()
