// x86_64: syscall, with the arguments where calls have them.

#pragma once

#include <native/asm_offsets.h>

namespace fathom::arch {

[[gnu::always_inline]] inline std::uint64_t system_call(std::uint64_t number,
                                                        const SystemCallArguments& arguments) {
    std::uint64_t answer = number;
    asm volatile("syscall"
                 : "+a"(answer)
                 : "D"(arguments.first), "S"(arguments.second), "d"(arguments.third)
                 : "rcx", "r11", "cc", "memory");
    return answer;
}

// The topmost five words: what iretq goes back by (system_call.S).
inline SystemCaller system_caller(const ThreadAnchor& thread) {
    struct ReturnFrame {
        std::uint64_t rip, cs, rflags, rsp, ss;
    };
    const VirtAddr top{thread.system_call_stack & ~std::uint64_t{1}};
    const auto& frame = *(top - sizeof(ReturnFrame)).as<const ReturnFrame>();
    return {.pc = {frame.rip}, .sp = {frame.rsp}};
}

/// Tells the running CPU what syscall does.
/// Context: once per CPU, interrupts off.
void init_system_calls();

}  // namespace fathom::arch
