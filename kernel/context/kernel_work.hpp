// Work that a thread must be allowed to finish: what the kernel would lose or hold for ever if the
// thread were ended in the middle of it.
//
//     const KernelWork work{here};   // a range that is marked busy, threads kept from running, ...
//
// Such a thread is never chosen as a victim when memory is out, and its stack grows from the
// emergency reserve then (sched/memory_refill.cpp). A kernel mutex counts as such work while it is
// held.
//
// Owns:    KernelWork.
// Context: preemptible; the count is the thread's own.

#pragma once

#include <atomic>

#include <arch/thread_anchor.hpp>
#include <context/witness.hpp>

namespace fathom {

class [[nodiscard]] KernelWork {
public:
    /// Context: preemptible; inside kernel.
    [[nodiscard, gnu::always_inline]] explicit KernelWork(Preemptible) { begin(); }
    [[gnu::always_inline]] ~KernelWork() { end(); }
    KernelWork(const KernelWork&) = delete;
    KernelWork& operator=(const KernelWork&) = delete;

    /// The two ends by themselves, for what is no scope.
    /// Context: any.
    [[gnu::always_inline]] static void begin() {
        arch::ThreadAnchor& self = *arch::current_thread_anchor();
        ++self.kernel_work;
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    [[gnu::always_inline]] static void end() {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        arch::ThreadAnchor& self = *arch::current_thread_anchor();
        --self.kernel_work;
    }
};

}  // namespace fathom
