// The table of threads. A free slot holds the number of the next free one and how often it was
// used.
//
// Owns:    see sched/thread_table.hpp.
// Context: see there.

#include <sched/thread_table.hpp>

#include <context/atomic_scope.hpp>
#include <mm/heap.hpp>

namespace fathom {

constinit IrqSpinlock thread_table_lock{LockRank::thread_list};

namespace {

constexpr std::size_t kChunkSlots = 512;
constexpr unsigned kSlotBits = 16;
constexpr std::uint64_t kNoSlot = 0;  // slot 0 is never used: id 0 is nobody
static_assert(kMaxThreads == 1u << kSlotBits);

/// A Thread*, whose bit 0 is clear; or `free`: bit 0 set, bits 16..1 the next free slot, above the
/// uses.
struct Slot {
    std::uint64_t word;

    bool is_free() const { return (word & 1) != 0; }
    std::uint64_t next_free() const { return (word >> 1) & (kMaxThreads - 1); }
    std::uint64_t uses() const { return word >> (kSlotBits + 1); }
    Thread* thread() const { return is_free() ? nullptr : VirtAddr{word}.as<Thread>(); }
    static Slot free(std::uint64_t next, std::uint64_t uses) {
        return {uses << (kSlotBits + 1) | next << 1 | 1};
    }
};

struct Chunk {
    Slot slots[kChunkSlots];
};

constinit Chunk* chunks[kMaxThreads / kChunkSlots] = {};
constinit std::size_t chunk_count = 0;
constinit std::uint64_t first_free = kNoSlot;
constinit std::size_t used_slots = 0;

Slot& slot_at(std::uint64_t number) {
    return chunks[number / kChunkSlots]->slots[number % kChunkSlots];
}

/// Chains the new chunk's slots into the free list, lowest first.
void adopt_chunk(Chunk& chunk) {
    const std::uint64_t base = chunk_count * kChunkSlots;
    chunks[chunk_count] = &chunk;
    for (std::size_t i = kChunkSlots; i-- > 0;) {
        if (base + i != kNoSlot) {
            chunk.slots[i] = Slot::free(first_free, 0);
            first_free = base + i;
        } else {
            chunk.slots[i] = Slot::free(kNoSlot, 0);
        }
    }
    // A reader without the lock (thread_in_slot) must find the chunk filled.
    __atomic_store_n(&chunk_count, chunk_count + 1, __ATOMIC_RELEASE);
}

constinit Chunk first_chunk = {};

}  // namespace

void init_thread_table() { adopt_chunk(first_chunk); }

Result<void> grow_thread_table(Preemptible here) {
    auto* chunk = static_cast<Chunk*>(mm::heap_allocate(sizeof(Chunk), here));
    if (chunk == nullptr) {
        return Error::out_of_memory;
    }
    bool adopted = false;
    bool full = false;
    {
        IrqsOff atomic{here, window<512>};
        SpinlockHeld held{thread_table_lock, atomic};
        full = chunk_count == kMaxThreads / kChunkSlots;
        if (!full && first_free == kNoSlot) {
            adopt_chunk(*chunk);
            adopted = true;
        }
    }
    if (!adopted) {
        mm::heap_free(chunk, here);
    }
    return full ? Result<void>(Error::busy) : Result<void>();
}

bool enter_thread(Thread& thread, IrqsDisabled) {
    const std::uint64_t number = first_free;
    if (number == kNoSlot) [[unlikely]] {
        return false;
    }
    Slot& slot = slot_at(number);
    first_free = slot.next_free();
    thread.thread_id = slot.uses() << kSlotBits | number;
    __atomic_store_n(&slot.word, VirtAddr::of(&thread).value, __ATOMIC_RELEASE);
    ++used_slots;
    return true;
}

void forget_thread(Thread& thread, IrqsDisabled) {
    const std::uint64_t number = thread.thread_id & (kMaxThreads - 1);
    const std::uint64_t uses = (thread.thread_id >> kSlotBits) + 1;
    slot_at(number) = Slot::free(first_free, uses);
    first_free = number;
    --used_slots;
}

Thread* find_thread(ThreadId id, IrqsDisabled) {
    const std::uint64_t number = id.value & (kMaxThreads - 1);
    if (number / kChunkSlots >= chunk_count) {
        return nullptr;
    }
    Thread* thread = slot_at(number).thread();
    return thread != nullptr && thread->thread_id == id.value ? thread : nullptr;
}

Thread* thread_of_slot(std::size_t number, IrqsDisabled) {
    return number < chunk_count * kChunkSlots ? slot_at(number).thread() : nullptr;
}

std::size_t thread_slots(IrqsDisabled) { return chunk_count * kChunkSlots; }

std::size_t thread_count() { return __atomic_load_n(&used_slots, __ATOMIC_RELAXED); }

const Thread* thread_in_slot(std::size_t number) {
    if (number / kChunkSlots >= __atomic_load_n(&chunk_count, __ATOMIC_ACQUIRE)) {
        return nullptr;
    }
    const Slot slot{__atomic_load_n(&slot_at(number).word, __ATOMIC_ACQUIRE)};
    return slot.thread();
}

}  // namespace fathom
