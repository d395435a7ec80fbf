# The fuzzers are programs of the build machine.
add_subdirectory(${CMAKE_CURRENT_LIST_DIR} ${PROJECT_BINARY_DIR}/fuzz)
