# From the kernel's objects to fathom.elf: two links, since the image carries its own symbol table.
#
#   fathom_kernel objects -> fathom.pass1.elf -> nm -> symbols.S -> fathom.elf
#
# The table lies at the end of .rodata, so the second link moves no function.

function(fathom_kernel_image)
    set(empty ${PROJECT_BINARY_DIR}/no_symbols.S)
    file(CONFIGURE OUTPUT ${empty} CONTENT "// The first link has no symbol table.\n")
    set(table ${PROJECT_BINARY_DIR}/symbols.S)
    set(maker ${PROJECT_SOURCE_DIR}/tools/make_symbols.py)

    fathom_link(fathom_pass1 fathom.pass1.elf ${empty})
    if(EXISTS ${maker})
        add_custom_command(
            OUTPUT ${table}
            COMMAND /usr/bin/python3 ${maker} --nm ${CMAKE_NM} $<TARGET_FILE:fathom_pass1>
                    -o ${table}
            DEPENDS fathom_pass1 ${maker}
            COMMENT "Collecting symbols")
        fathom_link(fathom fathom.elf ${table})
        add_custom_command(TARGET fathom POST_BUILD
            COMMAND /usr/bin/python3 ${maker} --nm ${CMAKE_NM} $<TARGET_FILE:fathom_pass1>
                    --verify $<TARGET_FILE:fathom>)
        add_dependencies(fathom fathom_pass1)
    else()
        fathom_link(fathom fathom.elf ${empty})
    endif()

    # The gate: an image in which a stack page might fault in an atomic section is no image. The
    # other policies are there to be measured, or to be caught.
    if(FATHOM_PROVE AND FATHOM_STACK_POLICY MATCHES "^(rules|eager)$")
        add_custom_command(TARGET fathom POST_BUILD
            COMMAND /usr/bin/python3 ${PROJECT_SOURCE_DIR}/tools/prove --quiet
                    --elf $<TARGET_FILE:fathom> --cache ${PROJECT_BINARY_DIR}/proof.cache
            COMMENT "Proving fathom.elf")
    endif()

    # QEMU and boot loaders take arm64 kernels as a flat Image (boot/aarch64 has its header).
    if(FATHOM_ARCH STREQUAL "aarch64")
        add_custom_command(TARGET fathom POST_BUILD
            COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:fathom> ${PROJECT_BINARY_DIR}/Image
            BYPRODUCTS ${PROJECT_BINARY_DIR}/Image)
    endif()
endfunction()

# One link: all objects and the symbol table `symbols` (an assembly file).
function(fathom_link target file symbols)
    add_executable(${target} ${symbols} $<TARGET_OBJECTS:fathom_kernel>)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${file} SUFFIX ""
        LINKER_LANGUAGE CXX RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    fathom_link_flags(${target})
endfunction()
