# The aarch64 kernel by Clang: clang++ is every architecture's, by --target.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(FATHOM_ARCH aarch64)
set(FATHOM_TRIPLE aarch64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
