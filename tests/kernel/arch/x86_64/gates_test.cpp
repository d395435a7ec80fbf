// Every gate of the interrupt descriptor table switches to a stack of its own.
//
// What would break without it: a gate with IST 0 pushes its frame on the interrupted thread's
// stack, whose next page may be absent: a double fault.

#include <runner/test.hpp>

#include <cstring>

#include <kernel/support/quiet.hpp>
#include <native/task_state.hpp>
#include <native/vectors.hpp>

namespace fathom {

KERNEL_TEST("arch: every IDT gate is an interrupt gate with an IST stack") {
    on_each_cpu(here, [&test](unsigned) {
        arch::TablePointer idt{};
        asm volatile("sidt %0" : "=m"(idt));
        const std::uint64_t base = idt.base;
        ASSERT_EQ(test, idt.limit, arch::kVectors * 16 - 1);
        for (std::size_t vector = 0; vector < arch::kVectors; ++vector) {
            std::uint64_t low = 0;
            std::memcpy(&low, reinterpret_cast<const void*>(base + vector * 16), sizeof low);
            const unsigned stack = low >> 32 & 7;
            const unsigned type = low >> 40 & 0xff;
            EXPECT_NE(test, stack, 0u);
            EXPECT_EQ(test, type, 0x8eu);  // present, interrupts off on arrival
        }
    });
}

}  // namespace fathom
