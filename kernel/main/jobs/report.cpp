// How the jobs print what they found.
//
// Context: any.

#include <main/jobs/report.hpp>

#include <context/log.hpp>

namespace fathom {

Grouped::Grouped(std::uint64_t value) {
    unsigned digits = 0;
    do {
        if (digits != 0 && digits % 3 == 0) {
            text_[--begin_] = ',';
        }
        text_[--begin_] = static_cast<char>('0' + value % 10);
        value /= 10;
        ++digits;
    } while (value != 0);
}

void report_row(std::string_view label, std::uint64_t value, std::string_view unit) {
    log("  {:<38}{:>18}{}{}", label, Grouped(value).view(), unit.empty() ? "" : " ", unit);
}

void report_row_thousandths(std::string_view label, std::uint64_t value, std::string_view unit) {
    const std::uint64_t tenths = (value + 50) / 100;
    char text[32];
    BufferSink sink(text);
    format_to(sink, "{}.{}", Grouped(tenths / 10).view(), tenths % 10);
    log("  {:<38}{:>18} {}", label, sink.text(), unit);
}

[[gnu::cold]] void DepthHistogram::report() const {
    static constexpr std::string_view kBar = "########################################";
    std::uint32_t most = 1;
    std::size_t used = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        most = threads_[i] > most ? threads_[i] : most;
        used = threads_[i] != 0 ? i + 1 : used;
    }
    log("  {:>17}  {:>7}", "depth in pages", "threads");
    for (std::size_t i = 0; i < used; ++i) {
        const std::uint64_t high = std::uint64_t{1} << i;
        const std::uint64_t low = i == 0 ? 1 : high / 2 + 1;
        char range[24];
        BufferSink sink(range);
        if (low == high) {
            format_to(sink, "{}", low);
        } else {
            format_to(sink, "{} - {}", low, high);
        }
        // A bucket that is not empty has a mark, however small.
        const std::size_t length = (threads_[i] * kBar.size() + most - 1) / most;
        log("  {:>17}  {:>7}{}{}", sink.text(), threads_[i], length != 0 ? "  " : "",
            kBar.substr(0, length));
    }
}

}  // namespace fathom
