// Contract: what a mapping allows, in words that no architecture's bits shine through.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// What a mapped page allows. Everything belongs to the kernel; nothing is writable and executable.
enum class Protection : std::uint8_t {
    read_only,
    read_write,
    read_execute,
    device,  ///< read and write, uncached and in order
};

}  // namespace fathom::arch
