// Fuzzes the command line and the options read from it.

#include <string_view>

#include <fuzz/fuzz.hpp>
#include <lib/command_line.hpp>
#include <lib/glob.hpp>
#include <main/options.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const CommandLine line(text);
    std::size_t words = 0;
    for (std::size_t place = 0; const auto word = line.next(place);) {
        require(word->key.size() + word->value.size() <= BootInfo::kMaxCommandLine);
        ++words;
    }
    Options options;
    read_options(text, options);
    require(options.complaint_count <= words + 1);
    require(options.threads >= 1 && options.threads <= 4096);
    require(options.stack_bytes >= KiB(8) && options.stack_bytes <= GiB(1));
    require(!options.pattern.view().empty());
    static_cast<void>(
        glob_matches(options.test_glob.view(), "mm: a first touch populates one page"));
    return 0;
}
