// Letting threads on several CPUs begin something at the same moment.
//
// Owns:    SpinBarrier.
// Context: any; each member on a CPU of its own.

#pragma once

#include <atomic>

#include <arch/irq.hpp>

namespace fathom {

/// Lets a fixed number of threads go on together, again and again; they spin.
class SpinBarrier {
public:
    explicit SpinBarrier(unsigned members) : members_(members) {}
    /// Context: any.
    void arrive_and_wait() {
        const unsigned turn = arrived_.fetch_add(1) / members_;
        while (arrived_.load() / members_ == turn) {
            arch::spin_hint();
        }
    }

private:
    unsigned members_;
    std::atomic<unsigned> arrived_ = 0;
};

}  // namespace fathom
