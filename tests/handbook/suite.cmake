# The documentation held against the tree: what it names, what it shows, and that it builds.

set(handbook ${CMAKE_CURRENT_LIST_DIR})
add_test(NAME docs.references COMMAND ${FATHOM_PYTHON} ${handbook}/references.py)
add_test(NAME docs.pictures COMMAND ${FATHOM_PYTHON} ${handbook}/pictures.py)
add_test(NAME docs.build COMMAND ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/handbook
    ${PROJECT_BINARY_DIR}/handbook)
# It types `make run-*`: nobody else may be building or booting meanwhile.
add_test(NAME docs.commands COMMAND ${FATHOM_PYTHON} ${handbook}/commands.py)
set_tests_properties(docs.commands PROPERTIES TIMEOUT 600 RUN_SERIAL ON)
set_tests_properties(docs.references docs.pictures docs.build docs.commands PROPERTIES
    LABELS docs)
foreach(arch x86_64 aarch64)
    add_test(NAME docs.gdb.${arch} COMMAND ${FATHOM_PYTHON} ${handbook}/gdb_sessions.py
        --arch ${arch} --build ${FATHOM_IMAGES}/${arch}-release)
    set_tests_properties(docs.gdb.${arch} PROPERTIES TIMEOUT 300 LABELS "docs;gdb;${arch}")
endforeach()
