// Contract: the head of every thread's control block, the part that assembly knows.
//
// Owns:    ThreadAnchor and current_thread_anchor().
// Context: any. `current` is the running thread; on a trap stack, the interrupted one.
// Story:   sched/thread.hpp derives Thread from it; arch/context_switch.hpp parks threads in it.

#pragma once

#include <atomic>
#include <cstdint>

#include <native/resume_record.hpp>

namespace fathom::arch {

/// What a thread has before its first system call: no stack's top, but the bit that is set in
/// `system_call_stack` while a call is under way. Whoever enters tests the one bit for both.
inline constexpr std::uint64_t kNoSystemCallStack = 1;

/// The first bytes of a Thread. native/ asserts the offsets that its assembly uses.
struct ThreadAnchor {
    /// aarch64: the live context word of the thread (context/context_word.hpp).
    /// x86_64: unused while running (the live word is per CPU) and while parked (in the record).
    std::uint64_t context_word = 0;
    /// The CPU it runs on, or ran on last. Written only with that CPU's run queue locked.
    std::uint32_t cpu_index = 0;
    /// True from the moment it is chosen to run until its record has been saved: no other CPU may
    /// resume it before. Cleared by the switch itself, in assembly or by park_frame().
    std::atomic<std::uint8_t> on_cpu = 0;
    /// Its stack is lazily populated (an application thread). Constant after creation.
    std::uint8_t lazy_stack = 0;
    /// How many pieces of the kernel's own work it is in the middle of (context/kernel_work.hpp).
    /// Written by the thread itself.
    std::uint16_t kernel_work = 0;
    /// Where it goes on when it is resumed. Meaningful only while it is not running.
    ResumeRecord resume;
    /// It has been chosen to run. One plain store: volatile, since GCC forms the address of an
    /// atomic one in a register of its own.
    [[gnu::always_inline]] void mark_on_cpu() {
        static_assert(sizeof(on_cpu) == 1);
        *reinterpret_cast<volatile std::uint8_t*>(&on_cpu) = 1;
    }
    /// The thread's id (sched/thread.hpp), 0 before it has one. Constant after creation. Here and
    /// not in Thread so that the trace layer can name who runs.
    std::uint64_t thread_id = 0;
    /// The top of the stack that its system calls run on (arch/system_call.hpp). Written by the
    /// thread itself, and by the entry of its calls.
    std::uint64_t system_call_stack = kNoSystemCallStack;
};

/// The anchor of the running thread: one instruction, and the compiler may reuse its result, since
/// a thread keeps its anchor wherever it runs.
/// Context: any.
inline ThreadAnchor* current_thread_anchor();

}  // namespace fathom::arch

#include <native/thread_anchor.hpp>
