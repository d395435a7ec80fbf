# Every figure of the design against its bar, measured on the release kernels.

foreach(arch x86_64 aarch64)
    add_test(NAME figures.${arch}
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/figures.py
            --check --arch ${arch} --images ${FATHOM_IMAGES})
    set_tests_properties(figures.${arch} PROPERTIES
        TIMEOUT 900 LABELS "figures;${arch};${arch}-release")
endforeach()

# The benchmarks repeat exactly: a second run gives the same rows.
foreach(arch x86_64 aarch64)
    add_test(NAME bench.${arch}.repeats
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/bench
            --arch ${arch} --images ${FATHOM_IMAGES} --cpus 1,4 --twice)
    set_tests_properties(bench.${arch}.repeats PROPERTIES
        TIMEOUT 600 LABELS "figures;${arch};${arch}-release")
endforeach()
