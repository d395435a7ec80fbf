# Every figure of the design against its bar, measured on the release kernels.

foreach(arch x86_64 aarch64)
    add_test(NAME figures.${arch}
        COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/figures.py
            --check --arch ${arch} --images ${FATHOM_IMAGES})
    set_tests_properties(figures.${arch} PROPERTIES
        TIMEOUT 900 LABELS "figures;${arch};${arch}-release")
endforeach()
