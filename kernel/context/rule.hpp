// The five rules: why no stack page can fault in an atomic section.
//
// Owns:    Rule and the arguments by which a guard is told one.
// Story:   read docs/rules.md first; a guard (context/atomic_scope.hpp) cannot be made without one.

#pragma once

#include <cstdint>

#include <build_options.hpp>

namespace fathom {

/// Why it is safe to become atomic here on a lazily populated stack.
enum class Rule : std::uint8_t {
    kernel_thread = 1,    ///< only ever on kernel threads, whose stacks are populated
    populated_stack = 2,  ///< only ever on an interrupt, exception or syscall stack
    already_atomic = 3,   ///< inside another section, whose window covers this one
    preemptible = 4,      ///< interrupts and preemption are both on: touch ahead
    unknown = 5,          ///< decided at run time: touch ahead only if both are on
};

/// The window in bytes that a site gets where a window of 0 is not claimed: in all builds but GCC's
/// plain ones at -O2 (tools/cmake/options.cmake).
inline constexpr unsigned kDefaultWindow = 512;

/// The bytes below the stack pointer that a site's prefault makes safe. Soundness needs
/// depth <= bytes and (untouched gap above sp) <= 4096 - bytes; see docs/rules.md, "The lemma".
template <unsigned bytes>
struct Window {
    static_assert(bytes <= 3072, "a window over 3072 leaves under 1 KiB for the gap above sp");
    /// 0 is not claimed in every build; elsewhere the site is given the default.
    static constexpr unsigned kBytes = bytes == 0 && !kZeroWindows ? kDefaultWindow : bytes;
};
template <unsigned bytes>
inline constexpr Window<bytes> window{};

/// The largest window in the kernel. So much is reserved below the usable size of every stack, so
/// that a prefault never makes a fitting program overflow.
inline constexpr unsigned kLargestWindow = 3072;

// The arguments: rule 4's is a Preemptible, rule 3's comes from nested_in() (context/witness.hpp).
struct OnKernelThread {};
struct OnPopulatedStack {};
struct UnknownContext {};

/// Rule 1. State it only where every caller is a kernel thread.
inline constexpr OnKernelThread on_kernel_thread{};
/// Rule 2. State it only where every caller runs on a trap or syscall stack.
inline constexpr OnPopulatedStack on_populated_stack{};
/// Rule 5, the dearest: prefer a second entry point for atomic callers.
inline constexpr UnknownContext unknown_context{};

}  // namespace fathom
