# What both Clang toolchains share: Clang compiles the C++; assembly files, the linker and the other
# tools are those of the GCC toolchain, so that a difference between the images is the compiler's.
# FATHOM_TRIPLE is set by the file that includes this one.
include(${CMAKE_CURRENT_LIST_DIR}/gcc.cmake)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_CXX_COMPILER_TARGET ${FATHOM_TRIPLE})
