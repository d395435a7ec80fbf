# The x86_64 kernel by Clang: clang++ is every architecture's, by --target.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(FATHOM_ARCH x86_64)
set(FATHOM_TRIPLE x86_64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
