# What both GCC toolchains share. FATHOM_TRIPLE is set by the file that includes this one.
set(CMAKE_CXX_COMPILER ${FATHOM_TRIPLE}-g++)
set(CMAKE_ASM_COMPILER ${FATHOM_TRIPLE}-gcc)
set(CMAKE_OBJCOPY ${FATHOM_TRIPLE}-objcopy)
set(CMAKE_NM ${FATHOM_TRIPLE}-nm)

# There is no libc to link a trial program with: try_compile stops at a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
