# The monitor on the serial line, typed to by scripts, on both architectures and in real time.

foreach(arch x86_64 aarch64)
    foreach(script commands at_work)
        add_test(NAME monitor.${arch}.${script}
            COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${script}.py
                --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release)
        set_tests_properties(monitor.${arch}.${script} PROPERTIES
            TIMEOUT 300 LABELS "monitor;${arch}" PROCESSORS 2)
    endforeach()
endforeach()
