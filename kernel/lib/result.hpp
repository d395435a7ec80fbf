// What a call that can fail returns: a value or one of a small set of errors, never a magic number.
//
// Owns:    Error, Result<T>, FATHOM_TRY.
// Context: any; no state. Builds on the host too.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace fathom {

enum class Error : std::uint8_t {
    out_of_memory,     ///< no frame, no heap block, no stack slot left
    invalid_argument,  ///< a value that the call's comment rules out
    not_found,         ///< nothing has that name, id or address
    already_exists,    ///< something is there already
    busy,              ///< try again later: it is in use
    timed_out,         ///< the deadline passed first
    truncated,         ///< foreign data ends before it says it does
    malformed,         ///< foreign data breaks its own format
    unsupported,       ///< understood, but this kernel or this machine cannot
    owner_died,        ///< who held it ended without letting go
};

/// The error's name in words, for messages.
constexpr std::string_view describe(Error error) {
    switch (error) {
    case Error::out_of_memory: return "out of memory";
    case Error::invalid_argument: return "invalid argument";
    case Error::not_found: return "not found";
    case Error::already_exists: return "already exists";
    case Error::busy: return "busy";
    case Error::timed_out: return "timed out";
    case Error::truncated: return "truncated";
    case Error::malformed: return "malformed";
    case Error::unsupported: return "unsupported";
    case Error::owner_died: return "owner died";
    }
    __builtin_unreachable();
}

/// A `T` or the reason why there is none. Ask ok() before value().
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : value_(std::move(value)) {}
    Result(Error error) : error_(error) {}

    bool ok() const { return value_.has_value(); }
    explicit operator bool() const { return ok(); }
    T& value() { return *value_; }
    const T& value() const { return *value_; }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }
    /// Meaningful only where !ok().
    Error error() const { return error_; }

private:
    std::optional<T> value_;
    Error error_ = Error::invalid_argument;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : failed_(true), error_(error) {}

    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    Error error() const { return error_; }

private:
    bool failed_ = false;
    Error error_ = Error::invalid_argument;
};

}  // namespace fathom

/// The value of a Result, or a return of its error from the enclosing function.
#define FATHOM_TRY(expression)                  \
    ({                                          \
        auto&& fathom_result = (expression);    \
        if (!fathom_result.ok()) {              \
            return fathom_result.error();       \
        }                                       \
        std::move(fathom_result.value());       \
    })
