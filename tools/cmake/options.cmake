# What a build may choose, and the two generated headers that carry the choice to the sources.
#
# A choice is a constant or an alias in a generated header, never an #if at a call site: every
# alternative compiles in every build.

set(FATHOM_STACK_POLICY rules CACHE STRING "What the five rules cost: see kernel/context/policies/")
set_property(CACHE FATHOM_STACK_POLICY PROPERTY STRINGS
    conditional eager ensure exception_stack packed rules rules_osv switch_in switch_in_alone)
option(FATHOM_STACK_INVARIANTS "Assert at each site what its rule claims" OFF)
option(FATHOM_HARDENED "UBSan, stack protector, heap redzones, lock-order checks" OFF)
set(FATHOM_TRACE on CACHE STRING "Trace events: off, on, or atomic (preemption on/off as well)")
set_property(CACHE FATHOM_TRACE PROPERTY STRINGS off on atomic)
option(FATHOM_PROVE "Run the prover on each kernel that is linked (docs/proof.md)" ON)
set(FATHOM_OPTIMIZE -O2 CACHE STRING "The optimisation level: -O1, -O2, -O3 or -Os")
set_property(CACHE FATHOM_OPTIMIZE PROPERTY STRINGS -O1 -O2 -O3 -Os)
option(FATHOM_LTO "Optimise across units, when linking (Clang: by lld)" OFF)
option(FATHOM_KERNEL_TESTS "Link the in-kernel tests into the image" ON)
option(FATHOM_MONITOR "Link the monitor on the serial line into the image" ON)

# Writes build_options.hpp and stack_policy.hpp into `directory`.
function(fathom_generate_headers directory)
    if(NOT FATHOM_STACK_POLICY MATCHES "^[a-z]+(_[a-z]+)*$")
        message(FATAL_ERROR "FATHOM_STACK_POLICY is the name of a file in kernel/context/policies/,"
                            " not \"${FATHOM_STACK_POLICY}\"")
    endif()
    if(NOT FATHOM_TRACE MATCHES "^(off|on|atomic)$")
        message(FATAL_ERROR "FATHOM_TRACE is off, on or atomic, not \"${FATHOM_TRACE}\"")
    endif()
    if(NOT FATHOM_OPTIMIZE MATCHES "^-O([123s])$")
        message(FATAL_ERROR "FATHOM_OPTIMIZE is -O1, -O2, -O3 or -Os, not \"${FATHOM_OPTIMIZE}\"")
    endif()
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/kernel/context/policies/${FATHOM_STACK_POLICY}.hpp)
        message(FATAL_ERROR "no kernel/context/policies/${FATHOM_STACK_POLICY}.hpp")
    endif()

    # exception_stack -> ExceptionStackPolicy
    set(policy "")
    string(REPLACE "_" ";" words ${FATHOM_STACK_POLICY})
    foreach(word IN LISTS words)
        string(SUBSTRING ${word} 0 1 initial)
        string(SUBSTRING ${word} 1 -1 rest)
        string(TOUPPER ${initial} initial)
        string(APPEND policy ${initial}${rest})
    endforeach()
    set(FATHOM_POLICY_TYPE ${policy}Policy)

    fathom_bool(FATHOM_CPP_INVARIANTS ${FATHOM_STACK_INVARIANTS})
    fathom_bool(FATHOM_CPP_HARDENED ${FATHOM_HARDENED})
    # A window of 0 is proved on what GCC makes of the plain build; any other build may spill, or
    # call where a section begins (trace_turn, ensure_stack).
    set(zero OFF)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT FATHOM_ARCH STREQUAL "host"
       AND FATHOM_OPTIMIZE STREQUAL "-O2" AND NOT FATHOM_LTO
       AND NOT FATHOM_STACK_INVARIANTS AND NOT FATHOM_HARDENED
       AND NOT FATHOM_TRACE STREQUAL "atomic" AND NOT FATHOM_STACK_POLICY STREQUAL "ensure")
        set(zero ON)
    endif()
    fathom_bool(FATHOM_CPP_ZERO_WINDOWS ${zero})
    set(FATHOM_CPP_TRACE_EVENTS true)
    if(FATHOM_TRACE STREQUAL "off")
        set(FATHOM_CPP_TRACE_EVENTS false)
    endif()
    set(FATHOM_CPP_TRACE_ATOMIC false)
    if(FATHOM_TRACE STREQUAL "atomic")
        set(FATHOM_CPP_TRACE_ATOMIC true)
    endif()

    set(templates ${PROJECT_SOURCE_DIR}/tools/cmake)
    configure_file(${templates}/build_options.hpp.in ${directory}/build_options.hpp @ONLY)
    configure_file(${templates}/stack_policy.hpp.in ${directory}/stack_policy.hpp @ONLY)
endfunction()

# Sets `variable` to the C++ literal of a CMake boolean.
function(fathom_bool variable value)
    if(value)
        set(${variable} true PARENT_SCOPE)
    else()
        set(${variable} false PARENT_SCOPE)
    endif()
endfunction()
