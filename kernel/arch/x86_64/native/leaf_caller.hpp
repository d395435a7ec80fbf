// x86_64: call pushes the return address; a function with a record pushes rbp next.
//
// Context: any.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// push %rbp; mov %rsp,%rbp: maybe not at the very beginning, but before any call.
inline constexpr std::uint8_t kPushFramePointer = 0x55;
inline constexpr std::uint8_t kMakeRecord[] = {kPushFramePointer, 0x48, 0x89, 0xe5};

inline LeafCaller leaf_caller(const TrapFrame& frame, VirtAddr function_begin) {
    const LeafCaller on_top{.address = {}, .slot = {frame.rsp}};
    if (function_begin.value == 0) {
        return on_top;
    }
    const auto* const code = function_begin.as<const std::uint8_t>();
    const std::uint64_t executed = frame.rip - function_begin.value;
    for (std::uint64_t i = 0; i + sizeof kMakeRecord <= executed; ++i) {
        if (__builtin_memcmp(code + i, kMakeRecord, sizeof kMakeRecord) == 0) {
            return {};
        }
    }
    // Between the two instructions rbp has been pushed on top.
    const bool pushed = executed != 0 && code[executed - 1] == kPushFramePointer;
    return pushed ? LeafCaller{.address = {}, .slot = {frame.rsp + 8}} : on_top;
}

}  // namespace fathom::arch
