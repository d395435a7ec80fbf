// aarch64: svc, with the arguments where calls have them.

#pragma once

#include <arch/trap_frame.hpp>

namespace fathom::arch {

[[gnu::always_inline]] inline std::uint64_t system_call(std::uint64_t number,
                                                        const SystemCallArguments& arguments) {
    register std::uint64_t call asm("x8") = number;
    register std::uint64_t first asm("x0") = arguments.first;
    register std::uint64_t second asm("x1") = arguments.second;
    register std::uint64_t third asm("x2") = arguments.third;
    asm volatile("svc #0"
                 : "+r"(first)
                 : "r"(call), "r"(second), "r"(third)
                 : "x16", "x17", "cc", "memory");
    return first;
}

// The topmost thing on the stack is the frame that svc left (system_call.cpp).
inline SystemCaller system_caller(const ThreadAnchor& thread) {
    const VirtAddr top{thread.system_call_stack & ~std::uint64_t{1}};
    const auto& frame = *(top - sizeof(TrapFrame)).as<const TrapFrame>();
    return {.pc = {frame.pc}, .sp = {frame.sp}};
}

/// What svc begins with: on return from this trap the call is made, at EL1t.
/// Context: exception stack, interrupts off.
void begin_system_call(TrapFrame& frame);

}  // namespace fathom::arch
