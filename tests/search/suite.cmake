# The search job against the host's grep, and on bad input.

foreach(arch x86_64 aarch64)
    foreach(cpus 1 4)
        add_test(NAME search.${arch}.like_grep.smp${cpus}
            COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/like_grep.py
                --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release --smp ${cpus})
    endforeach()
    add_test(NAME search.${arch}.bad_input
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/bad_input.py
            --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release --smp 2)
    set_tests_properties(search.${arch}.like_grep.smp1 search.${arch}.like_grep.smp4
        search.${arch}.bad_input PROPERTIES TIMEOUT 600 LABELS "boot;${arch};${arch}-release")
endforeach()
