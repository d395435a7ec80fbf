// Pointers that lead nowhere, and rights that a page does not give.
//
// Context: preemptible, on an application thread.

#include <cstddef>
#include <cstdint>

#include <expect_panic/triggers.hpp>
#include <lib/units.hpp>

namespace fathom::triggers {

namespace {

/// In no range of docs/architecture.md's address space.
constexpr std::uint64_t kNowhere = 0xffff'd123'4567'8000;

/// The compiler must not know where pointers lead, or it would refuse them.
volatile std::uint64_t opaque;
std::uint64_t hide(std::uint64_t address) {
    opaque = address;
    return opaque;
}

void call(std::uint64_t address) { reinterpret_cast<void (*)()>(hide(address))(); }

/// Instructions would be data here; whatever they are, none of them runs.
volatile std::uint64_t some_data[2] = {};
constexpr std::uint64_t kSomeConstant = 7;

}  // namespace

void null_read(Preemptible) {
    struct Record {
        std::uint64_t first, second;
    };
    [[maybe_unused]] const std::uint64_t value =
        *reinterpret_cast<const volatile std::uint64_t*>(hide(offsetof(Record, second)));
}

void null_call(Preemptible) { call(0); }

void wild_write(Preemptible) { *VirtAddr{hide(kNowhere)}.as<volatile std::uint64_t>() = 1; }

void wild_jump(Preemptible) { call(kNowhere); }

void execute_data(Preemptible) { call(VirtAddr::of(some_data).value); }

void write_text(Preemptible) {
    *VirtAddr{hide(reinterpret_cast<std::uint64_t>(&null_call))}.as<volatile char>() = 0;
}

void write_constant(Preemptible) {
    *VirtAddr{hide(VirtAddr::of(&kSomeConstant).value)}.as<volatile std::uint64_t>() = 8;
}

}  // namespace fathom::triggers
