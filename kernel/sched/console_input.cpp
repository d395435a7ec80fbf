// The ring between the console's interrupt and who reads.
//
// Owns:    see sched/console_input.hpp.
// Context: see there.

#include <sched/console_input.hpp>

#include <cstddef>

#include <arch/console.hpp>
#include <context/atomic_scope.hpp>
#include <sched/scheduler.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

namespace {

constexpr std::size_t kRingBytes = 256;

constinit WaitQueue readers;  // its lock protects the rest
constinit char ring[kRingBytes] = {};
constinit std::size_t written = 0;
constinit std::size_t taken = 0;

}  // namespace

void put_console_input(char byte, IrqsDisabled irqs) {
    readers.lock(irqs);
    if (written - taken < kRingBytes) {
        ring[written++ % kRingBytes] = byte;
    }
    Thread* const reader = readers.take_first(irqs);
    readers.unlock(irqs);
    if (reader != nullptr) {
        make_runnable(*reader, irqs);
    }
}

void take_console_input(IrqsDisabled irqs) {
    for (int byte = arch::console_read(); byte >= 0; byte = arch::console_read()) {
        put_console_input(static_cast<char>(byte), irqs);
    }
}

char read_console(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    for (;;) {
        readers.lock(atomic);
        if (written != taken) {
            const char byte = ring[taken++ % kRingBytes];
            readers.unlock(atomic);
            return byte;
        }
        readers.block(atomic);
    }
}

}  // namespace fathom
