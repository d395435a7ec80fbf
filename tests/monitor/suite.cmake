# The monitor on the serial line, typed to by scripts, on both architectures and in real time.

# fathom_monitor_test(<script> <build>)
function(fathom_monitor_test script build)
    foreach(arch x86_64 aarch64)
        add_test(NAME monitor.${arch}.${script}
            COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${script}.py
                --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-${build})
        set_tests_properties(monitor.${arch}.${script} PROPERTIES
            TIMEOUT 300 LABELS "monitor;${arch}" PROCESSORS 2)
    endforeach()
endfunction()

fathom_monitor_test(commands release)
fathom_monitor_test(crew release)
fathom_monitor_test(at_work release)
fathom_monitor_test(eager eager)
fathom_monitor_test(traced trace)
