# fathom_boot_test(): one boot of a kernel image, judged by tools/run, as a CTest test.

set(FATHOM_IMAGES ${PROJECT_SOURCE_DIR}/build CACHE PATH "Where the presets' build folders are")
set(FATHOM_PYTHON /usr/bin/python3)

# fathom_boot_test(
#     NAME name              the test is called boot.<name>
#     PRESET preset          whose image: x86_64-release, ...
#     [SMP n] [MEM size] [ARGS "kernel command line"] [INPUT file-or-folder] [SEED n]
#     [BOOT direct|iso|uefi|elf] [MACHINE q35|pc|microvm] [GIC 2|3] [EL2] [REAL_TIME]
#     [EXPECT_PANIC "text"]  passes exactly if the kernel panics with this text
#     [EXPECT_FAILED]        passes exactly if the kernel ends with the status for bad input
#     [EXPECT_LOG "text"]    the log must hold this text as well
#     [TIMEOUT seconds]      wall time until the run counts as hung (300)
#     [LABELS label...] [RUN_ARGS arg...])
function(fathom_boot_test)
    cmake_parse_arguments(PARSE_ARGV 0 boot "EL2;REAL_TIME;EXPECT_FAILED"
        "NAME;PRESET;SMP;MEM;ARGS;INPUT;SEED;BOOT;MACHINE;GIC;EXPECT_PANIC;EXPECT_LOG;TIMEOUT"
        "LABELS;RUN_ARGS")
    if(boot_UNPARSED_ARGUMENTS OR NOT boot_NAME OR NOT boot_PRESET)
        message(FATAL_ERROR "fathom_boot_test(${ARGN}): NAME and PRESET are needed;"
                            " not understood: ${boot_UNPARSED_ARGUMENTS}")
    endif()
    string(REGEX MATCH "^(x86_64|aarch64)-" arch ${boot_PRESET})
    set(arch ${CMAKE_MATCH_1})
    if(NOT boot_TIMEOUT)
        set(boot_TIMEOUT 300)
    endif()

    set(command ${FATHOM_PYTHON} ${PROJECT_SOURCE_DIR}/tools/run --quiet
        --arch ${arch} --build ${FATHOM_IMAGES}/${boot_PRESET} --name ${boot_NAME}
        --log ${PROJECT_BINARY_DIR}/logs/${boot_NAME}.log
        --junit ${PROJECT_BINARY_DIR}/junit/${boot_NAME}.xml --timeout ${boot_TIMEOUT})
    foreach(option SMP MEM ARGS INPUT SEED BOOT MACHINE GIC EXPECT_PANIC EXPECT_LOG)
        if(DEFINED boot_${option})
            string(TOLOWER --${option} flag)
            string(REPLACE "_" "-" flag ${flag})
            string(REPLACE ";" "\\;" value "${boot_${option}}")  # a text may hold semicolons
            list(APPEND command ${flag} "${value}")
        endif()
    endforeach()
    foreach(option EL2 REAL_TIME EXPECT_FAILED)
        if(boot_${option})
            string(TOLOWER --${option} flag)
            string(REPLACE "_" "-" flag ${flag})
            list(APPEND command ${flag})
        endif()
    endforeach()
    add_test(NAME boot.${boot_NAME} COMMAND ${command} ${boot_RUN_ARGS})

    # The run ends a hung guest itself and shows where it hung; CTest's own limit comes after.
    math(EXPR limit "${boot_TIMEOUT} + 120")
    set_tests_properties(boot.${boot_NAME} PROPERTIES TIMEOUT ${limit}
        LABELS "boot;${arch};${boot_PRESET};${boot_LABELS}")
    if(boot_REAL_TIME)
        # Its CPUs are host threads.
        set_tests_properties(boot.${boot_NAME} PROPERTIES PROCESSORS 2)
    endif()
endfunction()
