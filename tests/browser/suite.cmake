# The pictures of runs, in a real headless browser; and the build that the timeline is made from.

foreach(arch x86_64 aarch64)
    fathom_boot_test(NAME ${arch}.trace-build PRESET ${arch}-trace SMP 4
        ARGS "run=tests test=trace*" LABELS trace)
    add_test(NAME browser.${arch}.timeline
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/timeline_page.py
            --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-trace)
    set_tests_properties(browser.${arch}.timeline PROPERTIES
        TIMEOUT 900 LABELS "browser;${arch}" PROCESSORS 2)
    add_test(NAME browser.${arch}.memory_map
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/memory_page.py
            --arch ${arch} --images ${FATHOM_IMAGES})
    set_tests_properties(browser.${arch}.memory_map PROPERTIES TIMEOUT 600 LABELS "browser;${arch}")
    add_test(NAME browser.${arch}.proof
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/proof_page.py
            --elf ${FATHOM_IMAGES}/${arch}-release/fathom.elf)
    set_tests_properties(browser.${arch}.proof PROPERTIES TIMEOUT 300 LABELS "browser;${arch}")
endforeach()

add_test(NAME browser.handbook COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/handbook_pages.py)
set_tests_properties(browser.handbook PROPERTIES TIMEOUT 300 LABELS "browser;docs")
