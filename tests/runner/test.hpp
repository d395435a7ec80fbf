// In-kernel tests: what a test file includes.
//
//     KERNEL_TEST("mm: a freed frame is given out again") {
//         const auto frame = mm::allocate_frame(here);
//         ASSERT_OK(test, frame);
//         EXPECT_NE(test, frame->value, 0u);
//     }
//
// A test is a sentence that starts with its module. It runs on an application thread of its own
// with a stack of 1 MiB, preemptible, and may spawn more; it has `test` (a TestContext&) and `here`
// (a Preemptible). EXPECT_... notes a failure and goes on; ASSERT_... returns from the function
// that it stands in. After the sentence a test may state its needs:
//
//     KERNEL_TEST("sched: shares are fair over 100 ticks", .deadline_millions = 20'000) { ... }
//
// Owns:    KERNEL_TEST, the checks, TestContext.
// Context: application threads; the checks: any.
// Story:   the records lie in the linker section .kernel_tests; runner.cpp goes through them.

#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include <context/log.hpp>
#include <context/witness.hpp>
#include <lib/format.hpp>
#include <lib/result.hpp>

namespace fathom {

/// What a running test has found so far. Threads of one test may share it.
class TestContext {
public:
    explicit TestContext(bool time_is_counted) : time_is_counted_(time_is_counted) {}

    /// Notes a failed check and prints where it stands.
    /// Context: any.
    void fail(const char* file, int line, std::string_view what);
    /// As fail(), with the two values of a comparison.
    /// Context: any.
    void fail_comparison(const char* file, int line, std::string_view what, FormatArgument left,
                         FormatArgument right);
    /// The test cannot run here; `reason` is a literal. Return after it.
    /// Context: any.
    void skip(const char* reason) { skip_reason_.store(reason, std::memory_order_relaxed); }

    /// Whether QEMU counts instructions instead of time (-icount): a test may then ask for exact
    /// intervals. Else host scheduling stretches each; tools/run says so by deadline_scale.
    bool time_is_counted() const { return time_is_counted_; }
    unsigned failures() const { return failures_.load(std::memory_order_relaxed); }
    const char* skip_reason() const { return skip_reason_.load(std::memory_order_relaxed); }

private:
    const bool time_is_counted_;
    std::atomic<unsigned> failures_ = 0;
    std::atomic<const char*> skip_reason_ = nullptr;
};

/// One test, as KERNEL_TEST leaves it in the section .kernel_tests.
struct KernelTest {
    const char* name = "";
    void (*function)(TestContext&, Preemptible) = nullptr;
    const char* file = "";
    std::uint32_t line = 0;
    /// In cycles, which are instructions under -icount; see the option deadline_scale.
    std::uint32_t deadline_millions = 2'000;
};
static_assert(sizeof(KernelTest) == 32 && alignof(KernelTest) == 8,
              "the linker section is read as an array");

namespace detail {

/// The longest name with which "not ok 999 - name" is one line of a terminal of 80 columns.
inline constexpr std::size_t kTestNameLimit = 67;

/// A module, a colon and a sentence, and nothing that KTAP gives a meaning of its own.
consteval bool is_test_name(std::string_view name) {
    const std::size_t colon = name.find(": ");
    return colon != std::string_view::npos && colon > 0 && colon + 2 < name.size() &&
           name.size() <= kTestNameLimit &&
           name.find('#') == std::string_view::npos && name.find('\n') == std::string_view::npos;
}

template <typename T>
FormatArgument test_value(const T& value) {
    if constexpr (requires { argument_of(value); }) {
        return argument_of(value);
    } else if constexpr (__is_enum(T)) {
        return argument_of(static_cast<__underlying_type(T)>(value));
    } else {
        return argument_of(std::string_view("(a value that has no text)"));
    }
}

template <typename T>
concept PlainInteger = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                       !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
                       !std::same_as<T, char32_t> && !std::same_as<T, wchar_t>;

/// How two values of a check compare; integers of unlike signs as numbers.
struct Compare {
#define FATHOM_COMPARE(name, operation, integer_compare)           \
    template <typename Left, typename Right>                       \
    static bool name(const Left& left, const Right& right) {       \
        if constexpr (PlainInteger<Left> && PlainInteger<Right>) { \
            return integer_compare(left, right);                   \
        } else {                                                   \
            return left operation right;                           \
        }                                                          \
    }
    FATHOM_COMPARE(equal, ==, std::cmp_equal)
    FATHOM_COMPARE(not_equal, !=, std::cmp_not_equal)
    FATHOM_COMPARE(less, <, std::cmp_less)
    FATHOM_COMPARE(less_equal, <=, std::cmp_less_equal)
    FATHOM_COMPARE(greater, >, std::cmp_greater)
    FATHOM_COMPARE(greater_equal, >=, std::cmp_greater_equal)
#undef FATHOM_COMPARE
};

template <typename Left, typename Right>
bool note_comparison(TestContext& test, bool holds, const char* file, int line,
                     std::string_view what, const Left& left, const Right& right) {
    if (!holds) [[unlikely]] {
        test.fail_comparison(file, line, what, test_value(left), test_value(right));
    }
    return holds;
}

inline bool note(TestContext& test, bool holds, const char* file, int line, std::string_view what) {
    if (!holds) [[unlikely]] {
        test.fail(file, line, what);
    }
    return holds;
}

template <typename R>
bool note_ok(TestContext& test, const R& result, const char* file, int line,
             std::string_view what) {
    if (!result.ok()) [[unlikely]] {
        test.fail_comparison(file, line, what, argument_of("ok"), argument_of(result.error()));
    }
    return result.ok();
}

template <typename R>
bool note_error(TestContext& test, const R& result, Error error, const char* file, int line,
                std::string_view what) {
    const bool holds = !result.ok() && result.error() == error;
    if (!holds) [[unlikely]] {
        test.fail_comparison(file, line, what, argument_of(error),
                             result.ok() ? argument_of("ok") : argument_of(result.error()));
    }
    return holds;
}

}  // namespace detail

}  // namespace fathom

#define FATHOM_JOIN(a, b) FATHOM_JOIN_EXPANDED(a, b)
#define FATHOM_JOIN_EXPANDED(a, b) a##b

/// Defines and registers a test; see the file comment. May follow: .deadline_millions = N.
#define KERNEL_TEST(sentence, ...)                                                                 \
    static_assert(::fathom::detail::is_test_name(sentence),                                        \
                  "a test's name is \"module: a sentence\" without #, of up to 67 characters");    \
    static void FATHOM_JOIN(kernel_test_, __LINE__)(::fathom::TestContext&,                        \
                                                    ::fathom::Preemptible);                        \
    [[gnu::section(".kernel_tests"), gnu::used]] alignas(                                          \
        8) static constinit const ::fathom::KernelTest FATHOM_JOIN(kernel_test_record_,            \
                                                                   __LINE__) = {                   \
        .name = sentence,                                                                          \
        .function = FATHOM_JOIN(kernel_test_, __LINE__),                                           \
        .file = __FILE__,                                                                          \
        .line = __LINE__ __VA_OPT__(, ) __VA_ARGS__};                                              \
    static void FATHOM_JOIN(kernel_test_, __LINE__)([[maybe_unused]] ::fathom::TestContext & test, \
                                                    [[maybe_unused]] ::fathom::Preemptible here)

/// Ends the test as skipped. `reason` is a literal: what it would have needed.
#define SKIP(test, reason)   \
    do {                     \
        (test).skip(reason); \
        return;              \
    } while (false)

#define FATHOM_CHECK(test, holds) ::fathom::detail::note(test, holds, __FILE__, __LINE__, #holds)
#define FATHOM_CHECK_TWO(test, compare, sign, left, right)                                 \
    [&](const auto& fathom_left, const auto& fathom_right) {                               \
        return ::fathom::detail::note_comparison(                                          \
            test, ::fathom::detail::Compare::compare(fathom_left, fathom_right), __FILE__, \
            __LINE__, #left " " sign " " #right, fathom_left, fathom_right);               \
    }(left, right)
#define FATHOM_CHECK_OK(test, result) \
    ::fathom::detail::note_ok(test, result, __FILE__, __LINE__, #result)
#define FATHOM_CHECK_ERROR(test, result, error) \
    ::fathom::detail::note_error(test, result, error, __FILE__, __LINE__, #result)
#define FATHOM_OR_RETURN(check) \
    do {                        \
        if (!(check)) {         \
            return;             \
        }                       \
    } while (false)

// Note a failure and go on. Context: any.
#define EXPECT(test, condition) static_cast<void>(FATHOM_CHECK(test, condition))
#define EXPECT_EQ(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, equal, "==", a, b))
#define EXPECT_NE(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, not_equal, "!=", a, b))
#define EXPECT_LT(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, less, "<", a, b))
#define EXPECT_LE(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, less_equal, "<=", a, b))
#define EXPECT_GT(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, greater, ">", a, b))
#define EXPECT_GE(test, a, b) static_cast<void>(FATHOM_CHECK_TWO(test, greater_equal, ">=", a, b))
#define EXPECT_OK(test, result) static_cast<void>(FATHOM_CHECK_OK(test, result))
#define EXPECT_ERROR(test, result, error) static_cast<void>(FATHOM_CHECK_ERROR(test, result, error))

// Note a failure and return from the function. Context: any.
#define ASSERT_TRUE(test, condition) FATHOM_OR_RETURN(FATHOM_CHECK(test, condition))
#define ASSERT_EQ(test, a, b) FATHOM_OR_RETURN(FATHOM_CHECK_TWO(test, equal, "==", a, b))
#define ASSERT_NE(test, a, b) FATHOM_OR_RETURN(FATHOM_CHECK_TWO(test, not_equal, "!=", a, b))
#define ASSERT_OK(test, result) FATHOM_OR_RETURN(FATHOM_CHECK_OK(test, result))
