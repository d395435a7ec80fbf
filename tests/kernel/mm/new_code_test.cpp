// Code that is written at run time: what runs is what was written last, on every CPU.
//
// What would break without it: a page that is made executable without the maintenance of caches
// that the architecture asks for (a wrong one faults here, a missing one shows on hardware only:
// arch/code_memory.hpp), or a CPU that runs on in what it had fetched before.

#include <runner/test.hpp>

#include <cstring>

#include <arch/code_memory.hpp>
#include <kernel/support/crew.hpp>
#include <mm/address_space.hpp>
#include <mm/kernel_space.hpp>
#include <sync/semaphore.hpp>

// In <arch>/new_code.S: 16 bytes each, which run anywhere.
extern "C" {
extern const unsigned char fathom_test_returns_1[16];
extern const unsigned char fathom_test_returns_2[16];
std::uint64_t fathom_test_run(std::uint64_t code);
}

namespace fathom {
namespace {

using arch::Protection;
constexpr std::uint64_t kPlace = kPageSize - 16;  // the last line of a page, too

/// Writes code over what was there, and makes it executable.
void write_code(TestContext& test, VirtAddr range, unsigned answer, Preemptible here) {
    EXPECT_OK(test, mm::protect_range(range, kPageSize, Protection::read_write, here));
    std::memcpy((range + kPlace).as<void>(),
                answer == 1 ? fathom_test_returns_1 : fathom_test_returns_2, 16);
    EXPECT_OK(test, mm::protect_range(range, kPageSize, Protection::read_execute, here));
}

}  // namespace

KERNEL_TEST("mm: code that is written anew runs anew, on every CPU") {
    constexpr unsigned kTurns = 10;
    const auto range =
        mm::map_range(KiB(8), Protection::read_execute, mm::Populate::on_touch, here);
    ASSERT_OK(test, range);
    Semaphore ask{0};
    Semaphore answer{0};
    std::uint64_t elsewhere = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            ask.wait(inner);
            elsewhere = fathom_test_run((*range + kPlace).value);
            answer.post(inner);
        }
    });
    crew.start({.name = "runner", .affinity = online_cpu_count() < 2 ? CpuMask{1} : CpuMask{2}});
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        const unsigned expected = 1 + turn % 2;
        write_code(test, *range, expected, here);
        EXPECT_EQ(test, fathom_test_run((*range + kPlace).value), expected);
        ask.post(here);
        answer.wait(here);
        EXPECT_EQ(test, elsewhere, expected);
    }
    crew.join();
    EXPECT_EQ(test, *(*range + kPageSize).as<volatile std::uint64_t>(), 0u);  // one more, on touch
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

}  // namespace fathom
