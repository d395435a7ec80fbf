# How the kernel is compiled and linked. Every flag that the prover or the stack design depends on
# says so here.

# All C++ and assembly of the kernel, its boot code and its in-kernel tests.
function(fathom_kernel_flags target)
    target_compile_features(${target} PRIVATE cxx_std_20)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    set(cxx
        ${FATHOM_OPTIMIZE} -Wall -Wextra -Werror
        -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
        -fno-strict-aliasing -fno-pie
        -fno-jump-tables                # the prover follows calls and branches, not tables
        -fno-omit-frame-pointer         # backtraces
        # Not in .eh_frame, which is not linked, but in .debug_frame: GDB's backtraces. GCC for
        # aarch64 wants to be told both.
        -fno-asynchronous-unwind-tables -fno-unwind-tables
        -Wframe-larger-than=2048        # a frame fits half a page: what windows are sized for
        -ffunction-sections -fdata-sections)
    if(FATHOM_ARCH STREQUAL "x86_64")
        list(APPEND cxx
            -m64 -mcmodel=kernel
            -mno-red-zone               # nothing of a live frame lies below sp
            -fstack-clash-protection)   # a frame over a page is probed page by page
    else()
        list(APPEND cxx
            -march=armv8.1-a -mno-outline-atomics)  # LSE: a single-stepped LL/SC loop never ends
    endif()
    if(FATHOM_HARDENED)
        list(APPEND cxx -fsanitize=undefined
            -fstack-protector-strong -mstack-protector-guard=global)
    else()
        list(APPEND cxx -fno-stack-protector)
    endif()
    fathom_compiler_flags(own)
    list(APPEND cxx ${own})
    if(FATHOM_LTO)
        list(APPEND cxx -flto $<$<CXX_COMPILER_ID:Clang>:-gdwarf-4>)  # addr2line's, of lld's units
    endif()
    target_compile_options(${target} PRIVATE -g $<$<COMPILE_LANGUAGE:CXX>:${cxx}>)
    if(FATHOM_ARCH STREQUAL "aarch64")
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:ASM>:-march=armv8.1-a>)
    endif()
    target_compile_options(${target} PRIVATE
        -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)  # __FILE__ names kernel/..., in any checkout
    target_include_directories(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/kernel
        ${PROJECT_SOURCE_DIR}/kernel/arch/${FATHOM_ARCH}
        ${PROJECT_SOURCE_DIR}/tests
        ${PROJECT_BINARY_DIR}/generated)
endfunction()

# Sets `variable` to the flags by which GCC and Clang differ.
function(fathom_compiler_flags variable)
    set(flags -mgeneral-regs-only)      # the kernel uses no floating point
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # A tenth of the code would be padding.
        list(APPEND flags -falign-functions=4 -fno-align-jumps -fno-align-loops -fno-align-labels)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        if(FATHOM_ARCH STREQUAL "x86_64")
            # Clang lacks even the type `long double` then, which <array> mentions. Without SSE no
            # vector code comes from integers, and a test looks for x87 in the image.
            set(flags -mno-sse -mno-mmx)
        else()
            # Where a file turns stack-clash protection off, there is none to turn off (see below).
            list(APPEND flags -Wno-unused-command-line-argument)
        endif()
        if(FATHOM_HARDENED)
            list(APPEND flags -fno-sanitize=function,vptr)  # they need run-time type information
        endif()
        # lib/memory.cpp asks GCC for what Clang does anyway.
        list(APPEND flags -Wno-unknown-pragmas)
        # Clang 14 has no stack-clash protection on aarch64; -Wframe-larger-than stands in: no frame
        # reaches over a page, and nothing calls alloca.
    elseif(FATHOM_ARCH STREQUAL "aarch64")
        # Without both parameters GCC probes each 64 KiB, which is no probe at all here.
        list(APPEND flags -fstack-clash-protection
            --param=stack-clash-protection-guard-size=12
            --param=stack-clash-protection-probe-interval=12)
    endif()
    set(${variable} ${flags} PARENT_SCOPE)
endfunction()

# Parses what nearly every unit includes once: half the time of a build is those headers (<atomic>
# of GCC 12 brings all of <string> along). Units still include what they use; -Winvalid-pch tells
# if it cannot be used.
function(fathom_precompile target)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        return()  # Clang parses them fast enough, and the lint looks at each unit by itself
    endif()
    target_precompile_headers(${target} PRIVATE
        <algorithm> <array> <atomic> <bit> <compare> <concepts> <cstddef> <cstdint> <optional>
        <span> <string_view> <type_traits> <utility>)
    # How ccache is told that a precompiled header is as good as the headers in it (see its manual,
    # "Precompiled headers").
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endfunction()

# One link of the kernel by the architecture's linker script.
function(fathom_link_flags target)
    set(script ${PROJECT_SOURCE_DIR}/boot/${FATHOM_ARCH}/fathom.ld)
    target_link_options(${target} PRIVATE
        -nostdlib -static $<$<CXX_COMPILER_ID:GNU>:-no-pie>
        -Wl,-T,${script}
        -Wl,-q                          # keep relocations: the audit of taken addresses needs them
        -Wl,-z,max-page-size=4096
        -Wl,-z,noexecstack
        -Wl,--build-id=none
        -Wl,--gc-sections
        -Wl,-Map,$<TARGET_FILE:${target}>.map)
    if(FATHOM_LTO AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        target_link_options(${target} PRIVATE -fuse-ld=lld)  # GNU ld cannot read Clang's bitcode
    endif()
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script})
endfunction()
