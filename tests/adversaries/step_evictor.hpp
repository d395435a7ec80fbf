// What `adversary=step-evict` does after each instruction: takes every page of the stepped thread's
// stack away that lies wholly below what the thread relies on.
//
// The thread stays on one CPU for as long as it is stepped, and before it begins every CPU forgets
// what it knows of the stack: so this CPU alone has translations to forget. An operation that moves
// the thread elsewhere is not attacked any more.
//
// Owns:    StepEvictor, one for each stepped thread.
// Context: see each. A debug trap may have interrupted any lock's holder: no lock, no allocation.

#pragma once

#include <context/online_cpus.hpp>
#include <context/witness.hpp>
#include <lib/units.hpp>
#include <mm/frame.hpp>
#include <mm/thread_stack.hpp>

namespace fathom {

class StepEvictor {
public:
    /// Binds the running thread to a CPU.
    /// Context: preemptible.
    void prepare(Preemptible here);
    /// Gives the frames back and the thread its freedom.
    /// Context: preemptible.
    void end(Preemptible here);
    /// Gives the frames back that a thread which never came back has left.
    /// Context: preemptible.
    void free_frames(Preemptible here);

    /// Everything wholly below `limit` goes. At most kMostPages for each call of prepare(): an
    /// operation that fills the reserve which its own faults drain would never end.
    /// Context: trap stack, interrupts off.
    void evict_below(VirtAddr limit, IrqsDisabled irqs);
    static constexpr std::uint32_t kMostPages = 1000;
    /// Pages taken away so far, by this one.
    std::uint64_t taken() const { return taken_; }

private:
    mm::FrameList frames_;
    mm::ThreadStack* stack_ = nullptr;  ///< null: nothing is taken
    std::uint64_t taken_ = 0;
    std::uint32_t cpu_ = 0;
    CpuMask affinity_before_ = 0;
};

}  // namespace fathom
