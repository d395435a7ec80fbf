# Fathom's GDB commands, each on a booted kernel of both architectures.

foreach(arch x86_64 aarch64)
    foreach(script apply attach backtraces commands break_populate ends
            interrupt system_call why rewind)
        add_test(NAME gdb.${arch}.${script}
            COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${script}.py
                --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release)
        set_tests_properties(gdb.${arch}.${script} PROPERTIES TIMEOUT 600 LABELS "gdb;${arch}")
    endforeach()
endforeach()
