// Fuzzes the regular expressions: the first line of the input is the pattern, the rest is searched.

#include <string_view>

#include <fuzz/fuzz.hpp>
#include <lib/regex.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view pattern = input.substr(0, input.find('\n'));
    const std::string_view line =
        pattern.size() < input.size() ? input.substr(pattern.size() + 1) : std::string_view();
    static Regex regex;
    if (const auto error = regex.compile(pattern)) {
        require(error->position <= pattern.size());
        return 0;
    }
    static_cast<void>(regex.search(line, {.stack_bytes = 256 << 10, .steps = 20'000}));
    return 0;
}
