// The UBSan runtime of hardened builds: one readable line, then the panic report.
//
// GCC calls a handler where the program did what C++ leaves undefined. Each handler gets a record
// that starts with the place in the source (but for type mismatches all do), and values: numbers of
// up to 64 bits as they are, wider ones by address.
//
// Owns:    the __ubsan_handle_* functions (their names and records: libsanitizer/ubsan).
// Context: any; each jumps to the panic stack.

#include <cstdint>

#include <arch/panic_entry.hpp>

// Both compilers know this spelling.
#define FATHOM_NO_UBSAN __attribute__((no_sanitize("undefined")))

namespace fathom {
namespace {

/// Where in the source; the first field of every record.
struct Place {
    const char* file;
    std::uint32_t line;
    std::uint32_t column;
};

struct Type {
    std::uint16_t kind;
    std::uint16_t info;
    char name[1];
};

/// The record of a load, store, call or reference through a pointer.
struct TypeMismatch {
    Place place;
    const Type* type;
    unsigned char log_alignment;
    unsigned char access;  ///< 0 load, 1 store, 2 reference, 3 member access, 4 member call, ...
};

// Not checked itself: it would report itself for ever, on the stack of whoever is wrong.
[[noreturn, gnu::always_inline]] FATHOM_NO_UBSAN inline void report(
    const Place& place, const char* message, std::uint64_t first = 0, std::uint64_t second = 0) {
    arch::leave_for_panic(message, place.file, place.line, first, second);
}

}  // namespace
}  // namespace fathom

using fathom::Place;
using fathom::report;

// Two operands: the operation and what was undefined about it.
#define FATHOM_UBSAN_BINARY(name, message)                                                        \
    extern "C" FATHOM_NO_UBSAN void __ubsan_handle_##name(const Place* place, std::uint64_t left, \
                                                          std::uint64_t right) {                  \
        report(*place, "undefined behaviour: " message, left, right);                             \
    }
#define FATHOM_UBSAN_UNARY(name, message)                                        \
    extern "C" FATHOM_NO_UBSAN void __ubsan_handle_##name(const Place* place,    \
                                                          std::uint64_t value) { \
        report(*place, "undefined behaviour: " message, value);                  \
    }
#define FATHOM_UBSAN_PLAIN(name, message)                                       \
    extern "C" FATHOM_NO_UBSAN void __ubsan_handle_##name(const Place* place) { \
        report(*place, "undefined behaviour: " message);                        \
    }

FATHOM_UBSAN_BINARY(add_overflow, "the signed sum {} + {} overflows")
FATHOM_UBSAN_BINARY(sub_overflow, "the signed difference {} - {} overflows")
FATHOM_UBSAN_BINARY(mul_overflow, "the signed product {} * {} overflows")
FATHOM_UBSAN_BINARY(divrem_overflow, "the division {} / {} overflows or is by zero")
FATHOM_UBSAN_BINARY(shift_out_of_bounds, "the shift of {} by {} is wider than its type")
FATHOM_UBSAN_BINARY(pointer_overflow, "the pointer {} moved to {} has left its object")
FATHOM_UBSAN_UNARY(negate_overflow, "-{} overflows")
FATHOM_UBSAN_UNARY(out_of_bounds, "the index {} is outside of its array")
FATHOM_UBSAN_UNARY(vla_bound_not_positive, "an array of {} elements on the stack")
FATHOM_UBSAN_UNARY(load_invalid_value, "{} is no value of the bool or enum that was read")
FATHOM_UBSAN_PLAIN(builtin_unreachable, "reached what was declared unreachable")
FATHOM_UBSAN_PLAIN(missing_return, "a function that returns a value ended without one")
FATHOM_UBSAN_PLAIN(nonnull_arg, "a null argument where none is allowed")
FATHOM_UBSAN_PLAIN(invalid_builtin, "a builtin was given a value that it does not take")

// The record of the function; the place of the return is the second argument.
extern "C" FATHOM_NO_UBSAN void __ubsan_handle_nonnull_return_v1(const void*, const Place* place) {
    report(*place, "undefined behaviour: a null return where none is allowed");
}

extern "C" FATHOM_NO_UBSAN void __ubsan_handle_type_mismatch_v1(const fathom::TypeMismatch* record,
                                                                std::uint64_t pointer) {
    const std::uint64_t alignment = std::uint64_t{1} << record->log_alignment;
    if (pointer == 0) {
        report(record->place, "undefined behaviour: access through a null pointer");
    }
    if ((pointer & (alignment - 1)) != 0) {
        report(record->place, "undefined behaviour: {} is not aligned to {} bytes", pointer,
               alignment);
    }
    report(record->place, "undefined behaviour: {} has no room for an object of this type",
           pointer);
}

// Clang's only: its record has a second place, of the declaration that promises the alignment.
extern "C" FATHOM_NO_UBSAN void __ubsan_handle_alignment_assumption(const Place* place,
                                                                    std::uint64_t pointer,
                                                                    std::uint64_t alignment,
                                                                    std::uint64_t) {
    report(*place, "undefined behaviour: {} is not aligned to the {} bytes that were promised",
           pointer, alignment);
}

#undef FATHOM_UBSAN_BINARY
#undef FATHOM_UBSAN_UNARY
#undef FATHOM_UBSAN_PLAIN
#undef FATHOM_NO_UBSAN
