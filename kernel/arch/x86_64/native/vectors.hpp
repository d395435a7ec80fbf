// x86_64: which vector means what.
//
// Owns:    the numbers of exceptions (SDM vol. 3A, table 6-1) and of our interrupts.
// Context: any; constants.

#pragma once

#include <cstddef>
#include <cstdint>

namespace fathom::arch {

inline constexpr std::size_t kVectors = 256;

inline constexpr std::uint32_t kDivideVector = 0;
inline constexpr std::uint32_t kDebugVector = 1;
inline constexpr std::uint32_t kNmiVector = 2;
inline constexpr std::uint32_t kBreakpointVector = 3;
inline constexpr std::uint32_t kInvalidOpcodeVector = 6;
inline constexpr std::uint32_t kDeviceNotAvailableVector = 7;
inline constexpr std::uint32_t kDoubleFaultVector = 8;
inline constexpr std::uint32_t kInvalidTssVector = 10;
inline constexpr std::uint32_t kSegmentNotPresentVector = 11;
inline constexpr std::uint32_t kStackSegmentVector = 12;
inline constexpr std::uint32_t kGeneralProtectionVector = 13;
inline constexpr std::uint32_t kPageFaultVector = 14;
inline constexpr std::uint32_t kX87ErrorVector = 16;
inline constexpr std::uint32_t kAlignmentCheckVector = 17;
inline constexpr std::uint32_t kMachineCheckVector = 18;
inline constexpr std::uint32_t kSimdErrorVector = 19;

inline constexpr std::uint32_t kFirstInterruptVector = 32;
/// The masked 8259s were moved here, off the exceptions: one may still raise a spurious 7 or 15.
inline constexpr std::uint32_t kLegacyPicVector = 32;
inline constexpr std::uint32_t kConsoleVector = 0x40;
inline constexpr std::uint32_t kTimerVector = 0x50;
inline constexpr std::uint32_t kRescheduleVector = 0x60;
inline constexpr std::uint32_t kShootdownVector = 0x61;
inline constexpr std::uint32_t kInspectionVector = 0x62;
/// The local APIC raises it when a request is withdrawn; it wants no EOI.
inline constexpr std::uint32_t kSpuriousVector = 0xff;

}  // namespace fathom::arch
