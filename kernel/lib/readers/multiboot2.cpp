// Reader of Multiboot2 boot information: a list of tags, each {type, size, payload}, 8-byte
// aligned.
//
// Context: any; no state, no allocation.

#include <lib/readers/multiboot2.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kHeaderBytes = 8;     // total size, reserved
constexpr std::uint64_t kTagHeaderBytes = 8;  // type, size

enum TagType : std::uint32_t {
    tag_end = 0,
    tag_command_line = 1,
    tag_module = 3,
    tag_memory_map = 6,
    tag_rsdp_old = 14,
    tag_rsdp_new = 15,
};

constexpr std::uint32_t kUsableMemory = 1;

Result<void> read_command_line(ByteView tag, BootInfo& boot) {
    const auto text = tag.text(kTagHeaderBytes);
    if (!text) {
        return Error::malformed;
    }
    boot.set_command_line(*text);
    return {};
}

Result<void> read_module(ByteView tag, BootInfo& boot) {
    const auto begin = tag.little<std::uint32_t>(8);
    const auto end = tag.little<std::uint32_t>(12);
    if (!begin || !end) {
        return Error::truncated;
    }
    if (*end < *begin) {
        return Error::malformed;
    }
    boot.add_module({*begin}, *end - *begin);
    boot.add_range({*begin}, *end - *begin, MemoryRange::Kind::reserved);
    return {};
}

Result<void> read_memory_map(ByteView tag, BootInfo& boot) {
    const auto entry_size = tag.little<std::uint32_t>(8);
    if (!entry_size) {
        return Error::truncated;
    }
    if (*entry_size < 24 || *entry_size % 8 != 0) {
        return Error::malformed;
    }
    for (std::uint64_t at = 16; tag.holds(at, *entry_size); at += *entry_size) {
        const std::uint64_t begin = *tag.little<std::uint64_t>(at);
        const std::uint64_t size = *tag.little<std::uint64_t>(at + 8);
        const std::uint32_t type = *tag.little<std::uint32_t>(at + 16);
        if (size > ~begin) {
            boot.complain("Multiboot2 memory map: a range wraps around; it is not used");
            continue;
        }
        boot.add_range(
            {begin}, size,
            type == kUsableMemory ? MemoryRange::Kind::usable : MemoryRange::Kind::reserved);
    }
    return {};
}

Result<void> read_tag(std::uint32_t type, ByteView tag, BootInfo& boot, Multiboot2Facts& facts) {
    switch (type) {
    case tag_command_line: return read_command_line(tag, boot);
    case tag_module: return read_module(tag, boot);
    case tag_memory_map: return read_memory_map(tag, boot);
    case tag_rsdp_old:
        if (facts.rsdp.empty()) {
            facts.rsdp = tag.bytes().subspan(kTagHeaderBytes);
        }
        return {};
    case tag_rsdp_new: facts.rsdp = tag.bytes().subspan(kTagHeaderBytes); return {};
    default: return {};
    }
}

}  // namespace

Result<std::uint32_t> multiboot2_size(Bytes first_bytes) {
    const auto size = ByteView(first_bytes).little<std::uint32_t>(0);
    if (!size) {
        return Error::truncated;
    }
    if (*size < kHeaderBytes + kTagHeaderBytes) {
        return Error::malformed;
    }
    return *size;
}

Result<Multiboot2Facts> read_multiboot2(Bytes information, BootInfo& boot) {
    const std::uint32_t total = FATHOM_TRY(multiboot2_size(information));
    const auto inside = ByteView(information).slice(0, total);
    if (!inside) {
        return Error::truncated;
    }
    const ByteView view(*inside);
    Multiboot2Facts facts;
    for (std::uint64_t at = kHeaderBytes; view.holds(at, kTagHeaderBytes);) {
        const std::uint32_t type = *view.little<std::uint32_t>(at);
        const std::uint32_t size = *view.little<std::uint32_t>(at + 4);
        if (size < kTagHeaderBytes) {
            return Error::malformed;
        }
        const auto tag = view.slice(at, size);
        if (!tag) {
            return Error::truncated;
        }
        if (type == tag_end) {
            return facts;
        }
        if (const auto done = read_tag(type, *tag, boot, facts); !done.ok()) {
            return done.error();
        }
        at += align_up(size, 8);
    }
    return Error::truncated;
}

}  // namespace fathom
