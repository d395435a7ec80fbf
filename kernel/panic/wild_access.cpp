// Telling the kinds of wild access apart, by address, access and what is mapped there.
//
// Context: the panicking CPU, its panic stack.

#include <panic/wild_access.hpp>

#include <panic/symbols.hpp>
#include <panic/writer.hpp>

namespace fathom {

// Bounds set by the linker scripts.
extern "C" const char fathom_image_begin[];
extern "C" const char fathom_image_end[];
extern "C" const char fathom_rodata_begin[];
extern "C" const char fathom_rodata_end[];

namespace {

/// Addresses below this come from a NULL pointer and the offset of a member or an element.
constexpr std::uint64_t kNullRegion = KiB(64);

enum class Wild : std::uint8_t {
    null_pointer,
    null_jump,
    wild_jump,
    data_execution,
    text_write,
    rodata_write,
    protection,
    nothing_mapped,
};

bool within(VirtAddr address, const char* begin, const char* end) {
    return address >= VirtAddr::of(begin) && address < VirtAddr::of(end);
}

Wild classify(const FaultInfo& fault) {
    const bool near_null = fault.address.value < kNullRegion;
    if (fault.access == Access::execute) {
        if (fault.protection) {
            return Wild::data_execution;
        }
        return near_null ? Wild::null_jump : Wild::wild_jump;
    }
    if (near_null) {
        return Wild::null_pointer;
    }
    if (!fault.protection) {
        return Wild::nothing_mapped;
    }
    if (in_text(fault.address)) {
        return Wild::text_write;
    }
    return within(fault.address, fathom_rodata_begin, fathom_rodata_end) ? Wild::rodata_write
                                                                         : Wild::protection;
}

const char* verb(Access access) { return access == Access::write ? "written" : "read"; }

}  // namespace

[[gnu::cold]] void print_wild_headline(const PanicCause& cause) {
    const std::uint64_t address = cause.fault.address.value;
    switch (classify(cause.fault)) {
    case Wild::null_pointer:
        return say_part("NULL pointer: {} at 0x{:x}", verb(cause.fault.access), address);
    case Wild::null_jump: return say_part("NULL pointer: called, or jumped to, 0x{:x}", address);
    case Wild::wild_jump: return say_part("wild jump to 0x{:x}, where nothing is mapped", address);
    case Wild::data_execution: return say_part("execution of data at 0x{:x}", address);
    case Wild::text_write: return say_part("write to the kernel's text at 0x{:x}", address);
    case Wild::rodata_write: return say_part("write to read-only data at 0x{:x}", address);
    case Wild::protection:
        return say_part("protection: 0x{:x} was {}, which its page does not allow", address,
                        verb(cause.fault.access));
    case Wild::nothing_mapped:
        return say_part("wild pointer: 0x{:x} was {}, where nothing is mapped", address,
                        verb(cause.fault.access));
    }
}

void explain_wild_access(const PanicCause& cause) {
    switch (classify(cause.fault)) {
    case Wild::null_pointer:
        return say_paragraph("Page 0 is never mapped, so that a pointer that was never set faults. "
                             "A small address is the offset of a member or an element.");
    case Wild::null_jump:
    case Wild::wild_jump:
        return say_paragraph("A call through a bad pointer, or a return through an overwritten "
                             "return address. The first line of the backtrace is where it went, "
                             "the second the likely caller.");
    case Wild::data_execution:
        return say_paragraph("What is writable is never executable in this kernel: data, stacks "
                             "and heap have no execute right.");
    case Wild::text_write:
    case Wild::rodata_write:
        return say_paragraph("What is executable or constant is never writable in this kernel.");
    case Wild::protection:
        return say_paragraph("The page is mapped, but not with the right to do this.");
    case Wild::nothing_mapped:
        return say_paragraph("Nothing is mapped at this address, and it is not part of any stack.");
    }
}

}  // namespace fathom
