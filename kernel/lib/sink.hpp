// Where formatted text goes: a fixed buffer that never overflows.
//
// Not virtual on purpose: formatting runs inside atomic sections and on panic stacks, where the
// prover wants to see every call.
//
// Owns:    BufferSink.
// Context: any; no state but the caller's buffer. Builds on the host too.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace fathom {

/// Collects text in a caller's buffer; what does not fit is dropped and the end marked with "...".
class BufferSink {
public:
    constexpr explicit BufferSink(std::span<char> buffer) : buffer_(buffer) {}

    /// Appends `text`, or as much of it as fits.
    /// Context: any.
    constexpr void write(std::string_view text) {
        for (const char character : text) {
            put(character);
        }
    }

    /// Appends one character `count` times.
    /// Context: any.
    constexpr void fill(char character, std::size_t count) {
        for (; count > 0 && !cut_; --count) {
            put(character);
        }
    }

    /// Whether something did not fit.
    constexpr bool cut() const { return cut_; }
    constexpr std::size_t size() const { return size_; }
    constexpr std::string_view text() const { return {buffer_.data(), size_}; }
    /// Makes room again: the next text starts at the front.
    constexpr void clear() { size_ = 0, cut_ = false; }

private:
    constexpr void put(char character) {
        if (size_ < buffer_.size()) {
            buffer_[size_++] = character;
        } else if (!cut_) {
            cut_ = true;
            for (std::size_t i = size_ < 3 ? 0 : size_ - 3; i < size_; ++i) {
                buffer_[i] = '.';
            }
        }
    }

    std::span<char> buffer_;
    std::size_t size_ = 0;
    bool cut_ = false;
};

}  // namespace fathom
