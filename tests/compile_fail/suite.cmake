# The two layers before the proof (docs/lint.md): nothing on the clean kernel, and each misuse
# refused by the layer that must. The lint takes the command lines of the Clang presets.

foreach(arch x86_64 aarch64)
    set(clang ${FATHOM_IMAGES}/${arch}-clang-release)
    add_test(NAME lint.${arch}
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/lint --build ${clang})
    set(check ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/check_misuse.py)
    add_test(NAME compile_fail.${arch}.types
        COMMAND ${check} types --build ${FATHOM_IMAGES}/${arch}-release)
    add_test(NAME compile_fail.${arch}.lint COMMAND ${check} lint --build ${clang})
    foreach(test lint.${arch} compile_fail.${arch}.types compile_fail.${arch}.lint)
        set_tests_properties(${test} PROPERTIES TIMEOUT 600 LABELS "lint;${arch}")
    endforeach()
endforeach()
