// What a failed check prints: where it stands, what was claimed, and what was found instead.
//
// Context: any.

#include <runner/test.hpp>

namespace fathom {

void TestContext::fail(const char* file, int line, std::string_view what) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    log("# {}:{}: {} is not so", file, line, what);
}

void TestContext::fail_comparison(const char* file, int line, std::string_view what,
                                  FormatArgument left, FormatArgument right) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    log("# {}:{}: {}", file, line, what);
    char text[80];
    BufferSink sink(text);
    detail::format_arguments(sink, "{}", {&left, 1});
    log("#   left:  {}", sink.text());
    sink.clear();
    detail::format_arguments(sink, "{}", {&right, 1});
    log("#   right: {}", sink.text());
}

}  // namespace fathom
