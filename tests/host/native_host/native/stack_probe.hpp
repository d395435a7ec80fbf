// Host: the context word of a host thread, counted by plain additions. Stacks are the host's, so
// there is nothing to touch, and there is no table of sites.

#pragma once

#include <cstdint>

namespace fathom::arch {

inline constexpr std::uint64_t kCalmBit = 1ull << 31;

namespace detail {
inline thread_local std::uint32_t host_context_word = static_cast<std::uint32_t>(kCalmBit);
}

template <Turn turn, Touch touch, unsigned window, unsigned rule>
inline void enter_atomic() {
    static_assert(turn == Turn::preempt_off || turn == Turn::irqs_off);
    static_assert(window < 4096 && rule >= 1 && rule <= 5);
    detail::host_context_word += turn == Turn::preempt_off ? 1u : 0x10000u;
}

template <Turn turn, Leave leave, unsigned rule>
[[nodiscard]] inline bool leave_atomic() {
    static_assert(turn == Turn::preempt_on || turn == Turn::irqs_on);
    detail::host_context_word -= turn == Turn::preempt_on ? 1u : 0x10000u;
    return leave != Leave::nested && detail::host_context_word == 0;
}

template <unsigned rule>
inline void record_api_boundary() {}

inline std::uint64_t read_context_word() { return detail::host_context_word; }
inline void set_reschedule_pending() {
    detail::host_context_word &= ~static_cast<std::uint32_t>(kCalmBit);
}
inline void clear_reschedule_pending(ThreadAnchor&) {
    detail::host_context_word |= static_cast<std::uint32_t>(kCalmBit);
}

inline std::uint64_t stack_pointer() {
    return reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
}

}  // namespace fathom::arch
