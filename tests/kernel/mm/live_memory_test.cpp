// Memory can be looked at while others take it away.
//
// What would break without it: the monitor's peek and bt ask whether a page is there and then read
// it; when it goes in between, the kernel panics because somebody looked.

#include <runner/test.hpp>

#include <atomic>

#include <kernel/support/crew.hpp>
#include <mm/address_space.hpp>
#include <mm/direct_map.hpp>
#include <mm/kernel_space.hpp>
#include <mm/live_memory.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kBytes = KiB(64);

struct Looking {
    std::atomic<std::uint64_t> address = 0;
    std::atomic<bool> over = false;
    std::atomic<unsigned> seen = 0;
    std::atomic<unsigned> gone = 0;
};

/// Reads the first word of a range that another thread maps and unmaps, and loses the CPU now and
/// then at any place of that.
void look_on(Looking& looking, Preemptible here) {
    while (!looking.over.load()) {
        const auto word = mm::read_live_word({looking.address.load()}, here);
        looking.seen += word.ok();
        looking.gone += !word.ok();
    }
}

}  // namespace

KERNEL_TEST("mm: what is mapped can be read, and nothing else") {
    const auto range = mm::map_range(kBytes, arch::Protection::read_write, mm::Populate::now, here);
    ASSERT_OK(test, range);
    *range->as<volatile std::uint64_t>() = 0x1234'5678;
    const auto word = mm::read_live_word(*range, here);
    EXPECT_OK(test, word);
    EXPECT_EQ(test, *word, 0x1234'5678u);
    EXPECT_ERROR(test, mm::read_live_word(*range + 4, here), Error::invalid_argument);
    EXPECT_OK(test, mm::unmap_range(*range, here));
    EXPECT_ERROR(test, mm::read_live_word(*range, here), Error::not_found);
    EXPECT_ERROR(test, mm::read_live_word({0}, here), Error::not_found);
    static const std::uint64_t in_image = 77;
    EXPECT_EQ(test, *mm::read_live_word(VirtAddr::of(&in_image), here), 77u);
}

KERNEL_TEST("mm: a page that goes while somebody reads it harms nobody") {
    const unsigned rounds = test.time_is_counted() ? 200 : 20;
    Looking looking;
    Crew crew(test, here, [&looking](Preemptible inner, unsigned) { look_on(looking, inner); });
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    crew.start({.name = "onlooker", .affinity = 1});
    for (unsigned round = 0; round < rounds; ++round) {
        const auto range =
            mm::map_range(kBytes, arch::Protection::read_write, mm::Populate::now, here);
        ASSERT_OK(test, range);
        looking.address = range->value;
        const unsigned before = looking.seen.load();
        while (looking.seen.load() == before) {
            yield(here);
        }
        EXPECT_OK(test, mm::unmap_range(*range, here));
        const unsigned missed = looking.gone.load();
        while (looking.gone.load() == missed) {
            yield(here);  // the address must not be mapped again when the reader goes on
        }
    }
    looking.over = true;
    crew.join();
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
    EXPECT_GE(test, looking.seen.load(), rounds);
}

}  // namespace fathom
