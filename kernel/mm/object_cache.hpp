// Objects of one type, packed as tightly as they fit: no header, no rounding to a size class.
//
//     constinit ObjectCache<Thread> threads;
//     Thread* thread = threads.create(here, arguments...);   // null: out of memory
//
// Owns:    ObjectCache<T>.
// Context: create() and destroy() are preemptible.
// Story:   used by sched/ for threads; goes on in slab_central.cpp.

#pragma once

#include <memory>
#include <utility>

#include <context/atomic_scope.hpp>
#include <context/per_cpu.hpp>
#include <mm/failure_injection.hpp>
#include <mm/slab_central.hpp>

namespace fathom::mm {

template <typename T>
class ObjectCache {
    static constexpr std::uint32_t kBlockSize =
        static_cast<std::uint32_t>(align_up(sizeof(T), std::max<std::size_t>(alignof(T), 16)));
    static_assert(kBlockSize <= 4096);
    /// Four pages: at most a block in 16 KiB is lost.
    static constexpr std::uint8_t kOrder = 2;

public:
    constexpr ObjectCache()
        : central_({.block_size = kBlockSize,
                    .order = kOrder,
                    .kind = FrameKind::object_slab,
                    .size_class = 0}) {}

    /// A new T; null where memory is out.
    /// Context: preemptible, may fault.
    template <typename... Arguments>
    [[nodiscard]] T* create(Preemptible here, Arguments&&... arguments) {
        if (allocation_must_fail()) [[unlikely]] {
            return nullptr;
        }
        void* block = take_at_hand(here);
        if (block == nullptr) [[unlikely]] {
            block = central_.refill_and_take(find(), here);
            if (block == nullptr) {
                return nullptr;
            }
        }
        return std::construct_at(static_cast<T*>(block), std::forward<Arguments>(arguments)...);
    }

    /// Ends `object`, which create() made.
    /// Context: preemptible, may fault.
    void destroy(T* object, Preemptible here) {
        std::destroy_at(object);
        if (put_at_hand(object, here)) [[unlikely]] {
            flush(here);
        }
    }

    /// Puts the running CPU's free objects back.
    /// Context: preemptible, may fault.
    void drain(Preemptible here) {
        PreemptOff atomic{here, window<1024>};
        central_.drain(magazine(atomic), atomic);
    }

    /// RAM behind it, free objects included.
    /// Context: any.
    std::size_t bytes() const { return central_.bytes(); }

private:
    static constexpr std::int32_t kLimit = Magazine::limit_for(kBlockSize);
    struct Stock {
        FreeBlock* first = nullptr;
        std::int32_t room = kLimit;
    };

    [[gnu::always_inline]] Magazine magazine(Atomic atomic) {
        Stock& stock = stocks_.this_cpu(atomic);
        return {stock.first, stock.room, kLimit};
    }
    auto find() {
        return [this](Atomic atomic) { return magazine(atomic); };
    }
    [[gnu::always_inline]] void* take_at_hand(Preemptible here) {
        PreemptOff atomic{here, window<0>};
        return magazine(atomic).take();
    }
    [[gnu::always_inline]] bool put_at_hand(T* object, Preemptible here) {
        PreemptOff atomic{here, window<0>};
        return magazine(atomic).put(object);
    }
    [[gnu::noinline]] void flush(Preemptible here) {
        PreemptOff atomic{here, window<1024>};
        central_.flush(magazine(atomic), kLimit / 2, atomic);
    }

    SlabCentral central_;
    PerCpu<Stock> stocks_;
};

}  // namespace fathom::mm
