# The labs: with its reference solution each gets all its points, on both architectures; with the
# task alone, or an answer that only looks right, it does not.

foreach(lab RANGE 1 8)
    add_test(NAME labs.${lab}
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/labs check ${lab})
    set_tests_properties(labs.${lab} PROPERTIES TIMEOUT 900 LABELS labs)
endforeach()

# What they are graded by is there: names of tests change.
foreach(arch x86_64 aarch64)
    add_test(NAME labs.globs.${arch}
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/globs.py
                ${PROJECT_SOURCE_DIR}/build/${arch}-release/fathom.elf)
    set_tests_properties(labs.globs.${arch} PROPERTIES LABELS labs)
endforeach()
