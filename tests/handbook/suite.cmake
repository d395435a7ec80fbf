# The documentation held against the tree: what it names, what it shows, and that it builds.

set(handbook ${CMAKE_CURRENT_LIST_DIR})
add_test(NAME docs.references COMMAND ${FATHOM_PYTHON} ${handbook}/references.py)
add_test(NAME docs.references.can_fail COMMAND ${FATHOM_PYTHON} ${handbook}/references_test.py)
add_test(NAME docs.pictures COMMAND ${FATHOM_PYTHON} ${handbook}/pictures.py)
add_test(NAME docs.presets COMMAND ${FATHOM_PYTHON} ${handbook}/presets.py)
add_test(NAME docs.build COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/handbook
    ${PROJECT_BINARY_DIR}/handbook)
# It types `make run-*`: nobody else may be building or booting meanwhile.
add_test(NAME docs.commands COMMAND ${FATHOM_PYTHON} ${handbook}/commands.py)
set_tests_properties(docs.commands PROPERTIES TIMEOUT 600 RUN_SERIAL ON)
add_test(NAME docs.readme COMMAND ${FATHOM_PYTHON} ${handbook}/readme.py
    --build ${FATHOM_IMAGES}/x86_64-release)
add_test(NAME docs.shown COMMAND ${FATHOM_PYTHON} ${handbook}/shown.py
    --tests ${PROJECT_BINARY_DIR})
foreach(arch x86_64 aarch64)
    add_test(NAME docs.mutant.${arch} COMMAND ${FATHOM_PYTHON} ${handbook}/mutant.py
        --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release)
    set_tests_properties(docs.mutant.${arch} PROPERTIES TIMEOUT 600 LABELS "docs;${arch}")
    add_test(NAME docs.gdb.${arch} COMMAND ${FATHOM_PYTHON} ${handbook}/gdb_sessions.py
        --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release)
    set_tests_properties(docs.gdb.${arch} PROPERTIES TIMEOUT 300 LABELS "docs;gdb;${arch}")
endforeach()
set_tests_properties(docs.references docs.references.can_fail docs.pictures docs.presets docs.build
    docs.commands docs.readme docs.shown PROPERTIES LABELS docs)
