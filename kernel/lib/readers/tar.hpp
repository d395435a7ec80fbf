// Reader of ustar archives (POSIX.1-2017, pax, "ustar Interchange Format").
//
//     for (TarReader reader(bytes);;) {
//         const auto file = reader.next();
//         if (!file.ok() || !*file) break;   // broken, or the archive's end
//         use((*file)->name, (*file)->content);
//     }
//
// Owns:    TarReader.
// Context: any; no allocation. Builds on the host too. The bytes may be hostile.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <lib/readers/byte_view.hpp>
#include <lib/result.hpp>

namespace fathom {

/// A regular file of an archive. `name` stays good until the next call of next().
struct TarFile {
    std::string_view name;
    Bytes content;
};

/// Whether the bytes begin like a ustar archive.
/// Context: any.
bool looks_like_tar(Bytes bytes);

class TarReader {
public:
    explicit TarReader(Bytes archive) : archive_(archive) {}

    /// The next regular file; other members (folders, links, extended headers) are passed over.
    /// Nothing at the archive's end mark.
    /// Errors: truncated (no end mark, or a file's bytes are missing), malformed (bad checksum,
    /// number or magic). An error repeats on every later call.
    /// Context: any.
    Result<std::optional<TarFile>> next();

    /// Where the member that next() looks at starts: for messages.
    std::size_t position() const { return at_; }

private:
    /// The member's name: prefix, "/", name.
    std::string_view join_name(ByteView header);

    ByteView archive_;
    std::size_t at_ = 0;
    char name_[256];
};

}  // namespace fathom
