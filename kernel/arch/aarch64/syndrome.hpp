// ESR_EL1 and the questions asked of it (Arm ARM, D17.2.37).
//
// Owns:    Syndrome.
// Context: any; no state.

#pragma once

#include <cstdint>

#include <arch/trap.hpp>

namespace fathom::arch {

class Syndrome {
public:
    constexpr explicit Syndrome(std::uint64_t bits) : bits_(bits) {}

    constexpr std::uint64_t bits() const { return bits_; }

    /// The one that is worth a path of its own: data with no translation.
    constexpr bool is_missing_page() const {
        return exception_class() == class_data_abort && is_translation_fault();
    }

    /// A data or instruction abort by the tables: no translation (0b0001LL), access flag clear
    /// (0b0010LL) or permission (0b0011LL).
    constexpr bool is_page_fault() const {
        const bool is_abort = (exception_class() & ~4u) == class_instruction_abort;
        const std::uint64_t cause = bits_ & 0x3c;
        return is_abort && (cause == 0x04 || cause == 0x08 || cause == 0x0c);
    }
    constexpr bool is_translation_fault() const { return (bits_ & 0x3c) == 0x04; }

    /// Of a data abort: WnR.
    constexpr bool is_write() const { return (bits_ >> 6 & 1) != 0; }
    /// Of an abort.
    constexpr Access access() const {
        if (exception_class() == class_instruction_abort) {
            return Access::execute;
        }
        return is_write() ? Access::write : Access::read;
    }

    /// svc, from EL1.
    constexpr bool is_system_call() const { return exception_class() == class_svc; }

    /// Hardware breakpoint, single step or watchpoint, from EL1.
    constexpr bool is_debug() const {
        const std::uint64_t kind = exception_class();
        return kind == class_breakpoint || kind == class_step || kind == class_watchpoint;
    }

    /// What a synchronous trap that is no page fault amounts to.
    constexpr FatalTrap fatal_kind() const {
        switch (exception_class()) {
        case class_unknown:
        case class_system_register: return FatalTrap::invalid_instruction;
        case class_floating_point:
        case class_vector: return FatalTrap::floating_point;
        case class_pc_alignment:
        case class_sp_alignment: return FatalTrap::general_protection;
        case class_instruction_abort:
        case class_data_abort: return fatal_abort();
        case class_breakpoint:
        case class_step:
        case class_watchpoint:
        case class_brk: return FatalTrap::breakpoint;
        default: return FatalTrap::unexpected;
        }
    }

private:
    enum Class : std::uint64_t {
        class_unknown = 0x00,
        class_floating_point = 0x07,
        class_svc = 0x15,
        class_system_register = 0x18,
        class_vector = 0x19,             ///< SVE
        class_instruction_abort = 0x21,  ///< from EL1, as all that follow
        class_pc_alignment = 0x22,
        class_data_abort = 0x25,
        class_sp_alignment = 0x26,
        class_breakpoint = 0x31,
        class_step = 0x33,
        class_watchpoint = 0x35,
        class_brk = 0x3c,
    };

    constexpr std::uint64_t exception_class() const { return bits_ >> 26 & 0x3f; }

    /// An abort for another reason than the tables' rights: an address that is not aligned or too
    /// wide, or memory that answered with an error.
    constexpr FatalTrap fatal_abort() const {
        const std::uint64_t cause = bits_ & 0x3f;
        if (cause == 0x21 || cause < 0x04) {
            return FatalTrap::general_protection;
        }
        return cause >= 0x10 && cause < 0x20 ? FatalTrap::machine_check : FatalTrap::unexpected;
    }

    std::uint64_t bits_;
};

}  // namespace fathom::arch
