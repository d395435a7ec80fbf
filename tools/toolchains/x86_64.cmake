# The x86_64 cross toolchain, by its triple-prefixed names, which exist on every Debian host.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(FATHOM_ARCH x86_64)
set(FATHOM_TRIPLE x86_64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/gcc.cmake)
