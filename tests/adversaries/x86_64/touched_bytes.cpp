// x86_64: prefixes, opcode, ModRM and SIB, as far as memory operands go (SDM vol. 2A, chapter 2).
//
// Only what the kernel's compilers write in 64-bit code without vector registers: no VEX, no 16-bit
// addresses, no x87.
//
// Context: any.

#include <adversaries/touched_bytes.hpp>

namespace fathom {
namespace {

using Register = std::uint64_t arch::TrapFrame::*;
// By the numbers that instructions use.
constexpr Register kRegisters[16] = {
    &arch::TrapFrame::rax, &arch::TrapFrame::rcx, &arch::TrapFrame::rdx, &arch::TrapFrame::rbx,
    &arch::TrapFrame::rsp, &arch::TrapFrame::rbp, &arch::TrapFrame::rsi, &arch::TrapFrame::rdi,
    &arch::TrapFrame::r8,  &arch::TrapFrame::r9,  &arch::TrapFrame::r10, &arch::TrapFrame::r11,
    &arch::TrapFrame::r12, &arch::TrapFrame::r13, &arch::TrapFrame::r14, &arch::TrapFrame::r15};

constexpr unsigned kRexB = 1;
constexpr unsigned kRexX = 2;

/// One instruction, read from left to right.
class Decoder {
public:
    explicit Decoder(const arch::TrapFrame& frame)
        : frame_(frame), at_(arch::frame_pc(frame).as<const std::uint8_t>()) {}

    TouchedBytes touched() {
        read_prefixes();
        opcode_ = *at_++;
        if (opcode_ == 0x0f) {
            two_byte_opcode();
        } else {
            one_byte_opcode();
        }
        return touched_;
    }

private:
    void read_prefixes() {
        for (;; ++at_) {
            switch (*at_) {
            case 0x64:
            case 0x65: elsewhere_ = true; continue;  // fs, gs: not a stack
            case 0x26: case 0x2e: case 0x36: case 0x3e:
            case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3: continue;
            default: break;
            }
            if ((*at_ & 0xf0) != 0x40) {
                return;
            }
            rex_ = *at_;
        }
    }

    void one_byte_opcode() {
        if ((opcode_ & 0xf8) == 0x50 || opcode_ == 0x68 || opcode_ == 0x6a || opcode_ == 0x9c ||
            opcode_ == 0xe8) {
            push();  // push of a register, a constant or the flags; call
        } else if (opcode_ == 0xa4 || opcode_ == 0xa5) {
            touched_.add(frame_.rsi);
            touched_.add(frame_.rdi);
        } else if (opcode_ == 0xaa || opcode_ == 0xab) {
            touched_.add(frame_.rdi);
        } else if (opcode_ == 0xff) {
            const unsigned operation = *at_ >> 3 & 7;
            memory_operand();
            if (operation == 2 || operation == 6) {
                push();
            }
        } else if (has_operand() && opcode_ != 0x8d) {  // lea only computes
            memory_operand();
        }
    }

    bool has_operand() const {
        switch (opcode_) {
        case 0x63: case 0x69: case 0x6b: case 0x8f: case 0xc0: case 0xc1: case 0xc6: case 0xc7:
        case 0xf6: case 0xf7: case 0xfe: return true;
        default: break;
        }
        return (opcode_ < 0x40 && (opcode_ & 7) < 4) || (opcode_ >= 0x80 && opcode_ < 0x90) ||
               (opcode_ >= 0xd0 && opcode_ < 0xd4);
    }

    void two_byte_opcode() {
        opcode_ = *at_++;
        const bool conditional_move = opcode_ >= 0x40 && opcode_ < 0x50;
        const bool set_or_bit = opcode_ >= 0x90 && opcode_ < 0xc8 && opcode_ != 0xa0 &&
                                opcode_ != 0xa1 && opcode_ != 0xa2 && opcode_ != 0xa8 &&
                                opcode_ != 0xa9 && opcode_ != 0xaa;
        if (conditional_move || set_or_bit) {
            memory_operand();
        }
    }

    void push() { touched_.add(frame_.rsp - 8); }

    std::uint64_t register_value(unsigned number, unsigned extension) const {
        return frame_.*kRegisters[number + ((rex_ & extension) != 0 ? 8 : 0)];
    }
    std::int64_t displacement(unsigned mode) const {
        if (mode == 1) {
            return static_cast<std::int8_t>(*at_);
        }
        return static_cast<std::int32_t>(at_[0] | at_[1] << 8 | at_[2] << 16 |
                                         static_cast<std::uint32_t>(at_[3]) << 24);
    }

    void memory_operand() {
        const unsigned byte = *at_++;
        const unsigned mode = byte >> 6;
        const unsigned base = byte & 7;
        if (mode == 3 || elsewhere_ || (mode == 0 && base == 5)) {
            return;  // a register, another segment, or rip-relative
        }
        std::uint64_t address = 0;
        bool only_displacement = false;
        if (base == 4) {
            const unsigned scaled = *at_++;
            const unsigned index = (scaled >> 3 & 7) + ((rex_ & kRexX) != 0 ? 8 : 0);
            if (index != 4) {
                address += frame_.*kRegisters[index] << (scaled >> 6);
            }
            only_displacement = mode == 0 && (scaled & 7) == 5;
            if (!only_displacement) {
                address += register_value(scaled & 7, kRexB);
            }
        } else {
            address = register_value(base, kRexB);
        }
        if (mode != 0 || only_displacement) {
            address += static_cast<std::uint64_t>(displacement(mode));
        }
        touched_.add(address);
    }

    const arch::TrapFrame& frame_;
    const std::uint8_t* at_;
    unsigned opcode_ = 0;
    unsigned rex_ = 0;
    bool elsewhere_ = false;
    TouchedBytes touched_;
};

}  // namespace

TouchedBytes bytes_touched_by(const arch::TrapFrame& frame) { return Decoder(frame).touched(); }

}  // namespace fathom
