// aarch64: kImageBase stands for the start of RAM on `-M virt`; the image is loaded 2 MiB above it.

#pragma once

namespace fathom::arch {

inline constexpr std::uint64_t kImagePhysicalBase = 0x4000'0000;

}  // namespace fathom::arch
