// The lock order of hardened builds: each CPU remembers which ranks it holds.
//
// The stack of ranks belongs to the CPU, not to the thread: a spinlock's holder is atomic, so it
// stays where it is until it lets go. An interrupt handler adds to what the interrupted code holds,
// as it should: the handler waits while that code cannot go on. Each change is made with interrupts
// off: a handler in the middle of one would leave its own ranks behind in the slots that it used.
//
// Owns:    the ranks held by each CPU.
// Context: atomic.
// Story:   called by context/spinlock.hpp; a wrong order leaves for the panic stack.

#include <context/lock_order.hpp>

#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>
#include <context/context_word.hpp>
#include <lib/assert.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

namespace {

constexpr unsigned kMostHeld = 15;

/// Written only by the owning CPU. Read by a panic.
struct alignas(64) Held {
    LockRank ranks[kMostHeld];
    bool interruptible[kMostHeld];  ///< taken with interrupts on
    std::uint8_t count = 0;
};
constinit Held held_by[kMaxCpus] = {};

Held& held_here() { return held_by[arch::this_cpu_index() % kMaxCpus]; }

}  // namespace

void lock_order_check_acquire(LockRank rank, Atomic atomic) {
    const bool interruptible = ContextWord::now().irq_depth() == 0;
    IrqsOff irqs{nested_in(atomic)};
    Held& held = held_here();
    ASSERT(held.count < kMostHeld, "lock order: this CPU holds {} locks at once", held.count);
    for (unsigned index = held.count; index-- > 0;) {
        if (held.interruptible[index] && !interruptible) {
            continue;  // maybe the interrupted code's: no handler takes a lock of that kind
        }
        const LockRank innermost = held.ranks[index];
        ASSERT(innermost < rank, "lock order: a lock of rank {} taken while one of rank {} is held",
               rank, innermost);
        break;
    }
    held.ranks[held.count] = rank;
    held.interruptible[held.count] = interruptible;
    ++held.count;
}

void lock_order_check_release(LockRank rank, Atomic atomic) {
    IrqsOff irqs{nested_in(atomic)};
    Held& held = held_here();
    // Not always the last one: locks may be let go in any order.
    for (unsigned index = held.count; index-- > 0;) {
        if (held.ranks[index] == rank) {
            for (--held.count; index < held.count; ++index) {
                held.ranks[index] = held.ranks[index + 1];
                held.interruptible[index] = held.interruptible[index + 1];
            }
            return;
        }
    }
    PANIC("lock order: a lock of rank {} let go that CPU {} does not hold", rank,
          arch::this_cpu_index());
}

unsigned lock_order_held(std::uint32_t cpu_index, LockRank* out, unsigned capacity) {
    const Held& held = held_by[cpu_index % kMaxCpus];
    const unsigned count = held.count < capacity ? held.count : capacity;
    for (unsigned index = 0; index < count; ++index) {
        out[index] = held.ranks[index];
    }
    return count;
}

}  // namespace fathom
