// The trace rings: what was written is read back whole, in order, and nothing half-written.
//
// What would break without it: a report that shows an event's time with another event's payload; a
// reader that loops over a ring which is being written.

#include <trace/reader.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace fathom {
namespace {

void become(std::uint32_t cpu, std::uint64_t thread) {
    arch::current_thread_anchor()->cpu_index = cpu;
    arch::current_thread_anchor()->thread_id = thread;
}

class TraceRing : public testing::Test {
protected:
    void SetUp() override {
        for (trace::Ring& ring : trace::fathom_trace_rings) {
            ring.claimed = 0;
            for (trace::Entry& entry : ring.entries) {
                entry = {};
            }
        }
        trace::set_enabled(true);
        become(0, 1);
    }
    void TearDown() override { trace::set_enabled(false); }
};

TEST_F(TraceRing, ReadsBackWhatWasWrittenNewestFirst) {
    become(2, 77);
    trace::emit(trace::Wake{.thread = 5, .cpu = 3});
    become(1, 78);
    trace::emit(trace::StackFault{.address = 0x1234, .page_index = 9});
    trace::Entry entries[8];
    ASSERT_EQ(trace::last(entries), 2u);
    EXPECT_EQ(entries[0].id(), trace::EventId::stack_fault);
    EXPECT_EQ(entries[0].cpu(), 1u);
    EXPECT_EQ(entries[0].thread(), 78u);
    EXPECT_EQ(entries[0].payload[0], 0x1234u);
    EXPECT_EQ(entries[0].payload[1], 9u);
    EXPECT_EQ(entries[1].id(), trace::EventId::wake);
    EXPECT_EQ(entries[1].cpu(), 2u);
    EXPECT_EQ(entries[1].thread(), 77u);
    EXPECT_EQ(trace::count<trace::StackFault>(78), 1u);
    EXPECT_EQ(trace::count<trace::StackFault>(77), 0u);
}

TEST_F(TraceRing, RecordsOnlyStackFaultsWhenSwitchedOff) {
    trace::set_enabled(false);
    trace::emit(trace::Wake{.thread = 5, .cpu = 3});
    trace::emit(trace::StackFault{.address = 1, .page_index = 2});
    EXPECT_EQ(trace::count<trace::Wake>(1), 0u);
    EXPECT_EQ(trace::count<trace::StackFault>(1), 1u);
}

TEST_F(TraceRing, KeepsTheLatestWhenItHasGoneRound) {
    constexpr std::uint64_t kWritten = 3 * trace::kRingEntries + 5;
    for (std::uint64_t i = 0; i < kWritten; ++i) {
        trace::emit(trace::Wake{.thread = i, .cpu = 0});
    }
    EXPECT_EQ(trace::count<trace::Wake>(1), trace::kRingEntries);
    trace::Entry entries[3];
    ASSERT_EQ(trace::last(entries), 3u);
    EXPECT_EQ(entries[0].payload[0], kWritten - 1);
    EXPECT_EQ(entries[2].payload[0], kWritten - 3);
    std::uint64_t expected = kWritten - trace::kRingEntries;
    trace::for_each([&](const trace::Entry& entry) { EXPECT_EQ(entry.payload[0], expected++); });
}

TEST_F(TraceRing, KeepsTheLowFortyEightBitsOfAnId) {
    const std::uint64_t id = (1ull << 40) + 3;
    become(0, id);
    trace::emit(trace::ThreadExit{.value = 0, .cycles = 0});
    EXPECT_EQ(trace::count<trace::ThreadExit>(id), 1u);
}

// An interrupt on the same CPU is like a second thread that writes to the same ring.
TEST_F(TraceRing, NeverShowsAHalfWrittenEntry) {
    std::atomic<bool> stop = false;
    std::vector<std::thread> writers;
    for (std::uint64_t writer = 1; writer <= 3; ++writer) {
        writers.emplace_back([&stop, writer] {
            become(0, writer);
            for (std::uint64_t i = 0; !stop; ++i) {
                trace::emit(
                    trace::Wake{.thread = writer << 32 | (i & 0xffff), .cpu = ~(i & 0xffff)});
            }
        });
    }
    std::size_t seen = 0;  // the writers may take a while to begin
    for (int pass = 0; pass < 200 || seen == 0; ++pass) {
        trace::for_each([&](const trace::Entry& entry) {
            ++seen;
            EXPECT_EQ(entry.payload[0] >> 32, entry.thread());
            EXPECT_EQ(entry.payload[0] & 0xffff, ~entry.payload[1]);
        });
    }
    stop = true;
    for (std::thread& writer : writers) {
        writer.join();
    }
    EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace fathom
