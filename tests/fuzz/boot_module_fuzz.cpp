// Fuzzes the reader of archives that come as boot modules.

#include <fuzz/fuzz.hpp>
#include <lib/readers/tar.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    const Bytes archive = bytes_of(data, size);
    static_cast<void>(looks_like_tar(archive));
    TarReader reader(archive);
    std::size_t content = 0;
    for (;;) {
        const auto file = reader.next();
        if (!file.ok() || !*file) {
            break;
        }
        require((*file)->name.size() <= 256);
        content += (*file)->content.size();
    }
    require(content <= size);
    return 0;
}
