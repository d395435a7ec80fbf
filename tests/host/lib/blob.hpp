// Hand-made foreign data for the readers' tests.
//
// Owns:    Blob, ArrayMemory.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <lib/readers/byte_view.hpp>

namespace fathom {

/// Bytes that grow by little-endian fields.
class Blob {
public:
    template <typename T>
    Blob& add(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
        }
        return *this;
    }
    Blob& u8(std::uint8_t value) { return add(value); }
    Blob& u16(std::uint16_t value) { return add(value); }
    Blob& u32(std::uint32_t value) { return add(value); }
    Blob& u64(std::uint64_t value) { return add(value); }
    Blob& text(std::string_view text) {
        for (const char character : text) {
            bytes_.push_back(static_cast<std::byte>(character));
        }
        return *this;
    }
    Blob& append(const Blob& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }
    Blob& pad_to(std::size_t size) {
        bytes_.resize(size > bytes_.size() ? size : bytes_.size());
        return *this;
    }
    Blob& align(std::size_t alignment) {
        return pad_to((size() + alignment - 1) / alignment * alignment);
    }
    Blob& put_u32(std::size_t offset, std::uint32_t value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof value);
        return *this;
    }
    /// Makes the first `size` bytes sum up to 0 by the byte at `offset`.
    Blob& fix_checksum(std::size_t offset, std::size_t size) {
        std::uint8_t sum = 0;
        bytes_[offset] = std::byte{0};
        for (std::size_t i = 0; i < size; ++i) {
            sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(bytes_[i]));
        }
        bytes_[offset] = static_cast<std::byte>(-sum);
        return *this;
    }
    std::size_t size() const { return bytes_.size(); }
    Bytes bytes() const { return bytes_; }
    /// A copy of the first `size` bytes in a block of its own, so that ASan sees its end.
    std::vector<std::byte> first(std::size_t size) const {
        return {bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size)};
    }

private:
    std::vector<std::byte> bytes_;
};

/// Physical memory that is one array from `base` on.
struct ArrayMemory {
    std::uint64_t base;
    Bytes array;
    Bytes at(PhysAddr address, std::uint64_t size) const {
        if (address.value < base || address.value - base > array.size() ||
            size > array.size() - (address.value - base)) {
            return {};
        }
        return array.subspan(address.value - base, size);
    }
};

}  // namespace fathom
