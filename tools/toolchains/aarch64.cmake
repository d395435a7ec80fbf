# The aarch64 cross toolchain, by its triple-prefixed names, which exist on every Debian host.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(FATHOM_ARCH aarch64)
set(FATHOM_TRIPLE aarch64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/gcc.cmake)
