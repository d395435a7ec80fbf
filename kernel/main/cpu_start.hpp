// Whether a CPU that was sent for takes part: it and the CPU that waits for it must agree.
//
//                 arrive(), by the CPU itself
//     wanted ----------------------------------> arrived: it goes online, and is waited for
//        |
//        +-- abandon(), by the CPU that waits -> abandoned: should it come after all, it halts
//
// Without this a CPU that comes late would go online with nobody to give it what each CPU has, and
// would do so on the early trap stacks that the next CPU starts on.
//
// Owns:    CpuStart.
// Context: any.
// Story:   one for each CPU in secondary.cpp.

#pragma once

#include <atomic>
#include <cstdint>

namespace fathom {

/// One CPU's start. Of arrive() and abandon() exactly one is true, however close they come.
class CpuStart {
public:
    /// By the CPU itself, before it uses anything that the other may give back: whether it is still
    /// wanted. Once.
    /// Context: any.
    [[nodiscard]] bool arrive() { return leave_wanted_for(State::arrived); }

    /// By the CPU that waits: whether the other has not come, and never will.
    /// Context: any.
    [[nodiscard]] bool abandon() { return leave_wanted_for(State::abandoned); }

    /// Context: any.
    bool has_arrived() const { return state_.load(std::memory_order_acquire) == State::arrived; }

private:
    enum class State : std::uint8_t { wanted, arrived, abandoned };

    bool leave_wanted_for(State next) {
        State expected = State::wanted;
        return state_.compare_exchange_strong(expected, next, std::memory_order_acq_rel);
    }

    std::atomic<State> state_ = State::wanted;
};

}  // namespace fathom
