// Reader of ustar archives: 512-byte headers, each followed by a file's bytes in whole blocks.
//
// Context: any; no allocation.

#include <lib/readers/tar.hpp>

namespace fathom {
namespace {

constexpr std::size_t kBlock = 512;

// Fields of a header: offset and size.
struct Field {
    std::size_t offset;
    std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kSize{124, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kTypeOffset = 156;
constexpr std::size_t kMagicOffset = 257;
constexpr Field kPrefix{345, 155};

/// The text of a field, which ends at its first NUL or fills it.
std::string_view text_of(ByteView header, Field field) {
    const Bytes bytes = *header.slice(field.offset, field.size);
    const std::string_view whole(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return whole.substr(0, whole.find('\0'));
}

/// An octal field: blanks, digits, and then blanks or NULs.
std::optional<std::uint64_t> number_of(ByteView header, Field field) {
    std::string_view text = text_of(header, field);
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '7') {
            return std::nullopt;
        }
        value = value * 8 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

/// The sum of a header's bytes, its checksum field taken as blanks.
std::uint64_t checksum_of(ByteView header) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool in_field = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
        sum += in_field ? ' ' : static_cast<unsigned char>(header.bytes()[i]);
    }
    return sum;
}

bool all_zero(ByteView block) {
    for (const std::byte byte : block.bytes()) {
        if (byte != std::byte{0}) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool looks_like_tar(Bytes bytes) {
    return ByteView(bytes).spells(kMagicOffset, "ustar") && bytes.size() >= kBlock;
}

std::string_view TarReader::join_name(ByteView header) {
    const std::string_view prefix = text_of(header, kPrefix);
    const std::string_view name = text_of(header, kName);
    std::size_t size = prefix.copy(name_, prefix.size());
    if (size != 0) {
        name_[size++] = '/';
    }
    size += name.copy(name_ + size, name.size());
    return {name_, size};
}

Result<std::optional<TarFile>> TarReader::next() {
    for (;;) {
        const auto header_bytes = archive_.slice(at_, kBlock);
        if (!header_bytes) {
            return Error::truncated;
        }
        const ByteView header(*header_bytes);
        if (all_zero(header)) {
            return std::optional<TarFile>();
        }
        const auto size = number_of(header, kSize);
        if (!header.spells(kMagicOffset, "ustar") || !size ||
            number_of(header, kChecksum) != checksum_of(header)) {
            return Error::malformed;
        }
        const auto content = archive_.slice(at_ + kBlock, *size);
        if (!content) {
            return Error::truncated;
        }
        at_ += kBlock + align_up(*size, kBlock);
        const char type = static_cast<char>(header.bytes()[kTypeOffset]);
        if (type == '0' || type == '\0' || type == '7') {
            return std::optional<TarFile>(TarFile{join_name(header), *content});
        }
    }
}

}  // namespace fathom
