// Foreign bytes: every read is checked against the end, in either byte order, at any alignment.
//
// Owns:    ByteView, and the PhysicalMemory concept by which readers follow physical pointers.
// Context: any; no state, no allocation. Builds on the host too.

#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <lib/units.hpp>

namespace fathom {

using Bytes = std::span<const std::byte>;

/// Bytes that somebody else wrote. Offsets may be hostile: no sum here wraps.
class ByteView {
    static_assert(std::endian::native == std::endian::little);

public:
    constexpr ByteView() = default;
    constexpr ByteView(Bytes bytes) : bytes_(bytes) {}

    constexpr std::size_t size() const { return bytes_.size(); }
    constexpr Bytes bytes() const { return bytes_; }

    /// Whether [offset, offset + size) lies inside.
    constexpr bool holds(std::uint64_t offset, std::uint64_t size) const {
        return offset <= bytes_.size() && size <= bytes_.size() - offset;
    }

    /// The integer at `offset`, least significant byte first; nothing if it ends past the end.
    /// Context: any.
    template <std::unsigned_integral T>
    std::optional<T> little(std::uint64_t offset) const {
        if (!holds(offset, sizeof(T))) {
            return std::nullopt;
        }
        T value;
        __builtin_memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    /// As little(), most significant byte first.
    /// Context: any.
    template <std::unsigned_integral T>
    std::optional<T> big(std::uint64_t offset) const {
        if (!holds(offset, sizeof(T))) {
            return std::nullopt;
        }
        T value;
        __builtin_memcpy(&value, bytes_.data() + offset, sizeof value);
        if constexpr (sizeof value == 8) {
            return __builtin_bswap64(value);
        } else if constexpr (sizeof value == 4) {
            return __builtin_bswap32(value);
        } else {
            static_assert(sizeof value == 2);
            return __builtin_bswap16(value);
        }
    }

    /// A part; nothing if it does not lie inside.
    /// Context: any.
    constexpr std::optional<Bytes> slice(std::uint64_t offset, std::uint64_t size) const {
        if (!holds(offset, size)) {
            return std::nullopt;
        }
        return bytes_.subspan(offset, size);
    }

    /// The NUL-terminated text at `offset`; nothing if no NUL comes before the end.
    /// Context: any.
    std::optional<std::string_view> text(std::uint64_t offset) const {
        for (std::uint64_t end = offset; end < bytes_.size(); ++end) {
            if (bytes_[end] == std::byte{0}) {
                return std::string_view(reinterpret_cast<const char*>(bytes_.data()) + offset,
                                        end - offset);
            }
        }
        return std::nullopt;
    }

    /// Whether the NUL-terminated text at `offset` is `text`.
    /// Context: any.
    constexpr bool has_text(std::uint64_t offset, std::string_view text) const {
        return spells(offset, text) && holds(offset + text.size(), 1) &&
               bytes_[offset + text.size()] == std::byte{0};
    }

    /// The sum of all bytes modulo 256: 0 over any valid ACPI structure.
    constexpr std::uint8_t checksum() const {
        std::uint8_t sum = 0;
        for (const std::byte byte : bytes_) {
            sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(byte));
        }
        return sum;
    }

    /// Whether the bytes at `offset` spell `text`.
    constexpr bool spells(std::uint64_t offset, std::string_view text) const {
        if (!holds(offset, text.size())) {
            return false;
        }
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (byte_at(offset + i) != static_cast<unsigned char>(text[i])) {
                return false;
            }
        }
        return true;
    }

private:
    constexpr std::uint8_t byte_at(std::uint64_t offset) const {
        return static_cast<std::uint8_t>(bytes_[offset]);
    }

    Bytes bytes_;
};

/// What lets a reader follow a physical pointer: the bytes at an address, or an empty span where
/// the machine has no such memory. The kernel answers from its direct map, a test from an array.
template <typename M>
concept PhysicalMemory = requires(const M& memory, PhysAddr address, std::uint64_t size) {
    { memory.at(address, size) } -> std::same_as<Bytes>;
};

}  // namespace fathom
