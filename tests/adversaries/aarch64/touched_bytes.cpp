// aarch64: the addressing modes of loads and stores (Arm ARM, C4.1.94).
//
// Context: any.

#include <adversaries/touched_bytes.hpp>

namespace fathom {
namespace {

/// Bits [high:low] of an instruction.
constexpr std::uint32_t field(std::uint32_t instruction, unsigned high, unsigned low) {
    return instruction >> low & ((1u << (high - low + 1)) - 1);
}
constexpr std::int64_t signed_field(std::uint32_t instruction, unsigned high, unsigned low) {
    const unsigned shift = 64 - (high - low + 1);
    return static_cast<std::int64_t>(std::uint64_t{field(instruction, high, low)} << shift) >>
           shift;
}

std::uint64_t base_of(const arch::TrapFrame& frame, std::uint32_t instruction) {
    const std::uint32_t number = field(instruction, 9, 5);
    return number == 31 ? frame.sp : frame.x[number];
}

/// ldp, stp and their kin: a signed offset, scaled; none where it is added afterwards.
std::int64_t pair_offset(std::uint32_t instruction) {
    constexpr std::uint32_t kPostIndexed = 1;
    const unsigned shift = field(instruction, 31, 31) != 0 ? 3 : 2;
    return field(instruction, 24, 23) == kPostIndexed
               ? 0
               : signed_field(instruction, 21, 15) * (std::int64_t{1} << shift);
}

/// A register offset, extended and shifted.
std::int64_t register_offset(const arch::TrapFrame& frame, std::uint32_t instruction) {
    const std::uint32_t number = field(instruction, 20, 16);
    const std::uint64_t value = number == 31 ? 0 : frame.x[number];
    const unsigned shift = field(instruction, 12, 12) != 0 ? field(instruction, 31, 30) : 0;
    switch (field(instruction, 15, 13)) {
    case 2: return static_cast<std::int64_t>((value & 0xffff'ffff) << shift);
    case 6: return std::int64_t{static_cast<std::int32_t>(value)} * (std::int64_t{1} << shift);
    default: return static_cast<std::int64_t>(value << shift);
    }
}

/// A single register, in all its ways to say where.
std::int64_t single_offset(const arch::TrapFrame& frame, std::uint32_t instruction) {
    if (field(instruction, 24, 24) != 0) {
        return std::int64_t{field(instruction, 21, 10)} << field(instruction, 31, 30);
    }
    const std::uint32_t form = field(instruction, 11, 10);
    if (field(instruction, 21, 21) != 0) {
        return form == 2 ? register_offset(frame, instruction) : 0;  // else an atomic: base alone
    }
    constexpr std::uint32_t kPostIndexed = 1;
    return form == kPostIndexed ? 0 : signed_field(instruction, 20, 12);
}

}  // namespace

TouchedBytes bytes_touched_by(const arch::TrapFrame& frame) {
    const std::uint32_t instruction = *arch::frame_pc(frame).as<const std::uint32_t>();
    TouchedBytes touched;
    constexpr std::uint32_t kLoadsAndStores = 0b0100;  // with bits 27 and 25: x1x0
    if ((field(instruction, 28, 25) & 0b0101) != kLoadsAndStores) {
        return touched;
    }
    const std::uint64_t base = base_of(frame, instruction);
    switch (field(instruction, 29, 27)) {
    case 0b001:  // exclusive and ordered; compare-and-swap
        touched.add(base);
        break;
    case 0b101: touched.add(base + static_cast<std::uint64_t>(pair_offset(instruction))); break;
    case 0b111:
        touched.add(base + static_cast<std::uint64_t>(single_offset(frame, instruction)));
        break;
    default: break;  // a literal, beside the code
    }
    return touched;
}

}  // namespace fathom
