// The two 8259s, which the local APIC replaces (Intel 8259A data sheet).
//
// Context: boot CPU, once, interrupts off.
// Story:   called by cpu_setup.cpp before anything else touches an interrupt controller.

#include <native/legacy_pic.hpp>

#include <cstdint>
#include <initializer_list>

#include <native/instructions.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {

void silence_legacy_pics() {
    constexpr std::uint16_t kFirst = 0x20;
    constexpr std::uint16_t kSecond = 0xa0;
    for (const std::uint16_t port : {kFirst, kSecond}) {
        const bool first = port == kFirst;
        write_port8(port, 0x11);  // begin, cascaded, four words
        write_port8(port + 1, static_cast<std::uint8_t>(kLegacyPicVector + (first ? 0 : 8)));
        write_port8(port + 1, first ? 4 : 2);  // the second hangs on the first's input 2
        write_port8(port + 1, 1);              // 8086 mode
        write_port8(port + 1, 0xff);           // all masked
    }
}

}  // namespace fathom::arch
