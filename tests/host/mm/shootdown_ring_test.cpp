// The ring of shootdown requests under several posters and readers at once.
//
// What would break without it: two posters that share a slot mix their requests, a CPU forgets the
// wrong pages and says that it has forgotten the right ones, and a frame is freed that it can
// still reach.

#include <mm/shootdown_ring.hpp>

#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fathom::mm {
namespace {

/// Does something before each step of a poster: what an interrupt there, or another CPU, does.
class Stepped : public std::atomic<std::uint64_t> {
public:
    using Base = std::atomic<std::uint64_t>;
    using Base::Base;
    static inline std::function<void()> before_step;

    void store(std::uint64_t value, std::memory_order order) {
        step();
        Base::store(value, order);
    }
    bool compare_exchange_weak(std::uint64_t& old, std::uint64_t value, std::memory_order done,
                               std::memory_order failed) {
        step();
        return Base::compare_exchange_weak(old, value, done, failed);
    }

private:
    static void step() {
        if (const auto action = std::exchange(before_step, nullptr)) {
            action();  // its own steps are not interrupted
            before_step = action;
        }
    }
};

/// Both halves of a request tell which poster it is of, and which one of its posts.
ForgottenPages mark(std::uint64_t poster, std::uint64_t turn) {
    const std::uint64_t tag = poster << 40 | turn;
    return {{tag}, PageCount(~tag)};
}

bool is_whole(const ForgottenPages& pages) { return pages.pages.value == ~pages.first.value; }

TEST(ShootdownRing, TellsTheLatestRequestsAndNoOlderOnes) {
    ShootdownRing<4> ring;
    ForgottenPages read;
    EXPECT_EQ(ring.last(), 0u);
    for (std::uint64_t number = 1; number <= 10; ++number) {
        EXPECT_EQ(ring.post(mark(0, number)), number);
        EXPECT_EQ(ring.last(), number);
    }
    for (std::uint64_t number = 1; number <= 12; ++number) {
        ASSERT_EQ(ring.read(number, read), number > 6 && number <= 10) << number;
        if (number > 6 && number <= 10) {
            EXPECT_EQ(read.first.value, number);
            EXPECT_TRUE(is_whole(read));
        }
    }
}

constexpr std::uint64_t kSlots = 4;
constexpr unsigned kSteps = 5;  // of a post, and one more

/// Request 1 is interrupted before its step `at` by `others` further posts, and whatever can be
/// read is read before each of its steps from then on, and afterwards.
void expect_whole_requests(unsigned at, std::uint64_t others) {
    ShootdownRing<kSlots, Stepped> ring;
    const auto read_all = [&] {
        for (std::uint64_t number = 1; number <= ring.last(); ++number) {
            ForgottenPages read;
            if (ring.read(number, read)) {
                EXPECT_EQ(read.first.value, mark(number, 0).first.value) << at << " " << others;
                EXPECT_TRUE(is_whole(read)) << at << " " << others;
            }
        }
    };
    unsigned step = 0;
    Stepped::before_step = [&] {
        for (std::uint64_t post = 0; step == at && post < others; ++post) {
            ring.post(mark(2 + post, 0));
        }
        ++step;
        read_all();
    };
    EXPECT_EQ(ring.post(mark(1, 0)), 1u);
    Stepped::before_step = nullptr;
    read_all();
}

TEST(ShootdownRing, NeverTellsAMixtureWhereverAPosterIsInterrupted) {
    for (unsigned at = 0; at < kSteps; ++at) {
        for (std::uint64_t others = 0; others <= 2 * kSlots + 1; ++others) {
            expect_whole_requests(at, others);
        }
    }
}

/// The same with real threads, which meet in one slot all the time.
TEST(ShootdownRing, NeverTellsAMixtureOfWhatManyThreadsPost) {
    constexpr std::uint64_t kPosters = 3;
    constexpr std::uint64_t kPosts = 20'000;
    ShootdownRing<1> ring;
    std::atomic<std::uint64_t> posting = kPosters;
    std::vector<std::thread> posters;
    for (std::uint64_t poster = 1; poster <= kPosters; ++poster) {
        posters.emplace_back([&, poster] {
            for (std::uint64_t turn = 0; turn < kPosts; ++turn) {
                ring.post(mark(poster, turn));
            }
            --posting;
        });
    }
    do {
        ForgottenPages read;
        const std::uint64_t number = ring.last();
        if (number != 0 && ring.read(number, read)) {
            EXPECT_TRUE(is_whole(read));
        }
    } while (posting != 0);
    for (std::thread& poster : posters) {
        poster.join();
    }
    EXPECT_EQ(ring.last(), kPosters * kPosts);
}

}  // namespace
}  // namespace fathom::mm
