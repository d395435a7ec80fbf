// x86_64: kImageBase stands for physical address 0; the linker script loads the image at 1 MiB.

#pragma once

namespace fathom::arch {

inline constexpr std::uint64_t kImagePhysicalBase = 0;

}  // namespace fathom::arch
