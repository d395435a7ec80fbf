// The memory map as boot gave it, made usable: sorted, without overlaps, whole pages only.
//
// Firmware's ranges come in any order, overlap and end in mid page. Reserved wins over usable, and
// a page that is reserved in part is reserved.
//
// Owns:    MemoryPieces.
// Context: any; no state of its own. Host tests feed it hostile maps.

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include <lib/boot_info.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// Whole pages [begin, end).
struct MemoryPiece {
    PhysAddr begin;
    PhysAddr end;
    constexpr std::uint64_t bytes() const { return end - begin; }
};

/// Frame numbers are 32 bits wide: what lies above 16 TiB cannot be used.
inline constexpr std::uint64_t kHighestUsable = 1ull << 44;

/// Walks through the usable pieces in ascending order:
///
///     for (auto piece = pieces.after({0}); piece.bytes() != 0; piece = pieces.after(piece.end))
///
/// The spans must outlive it. `also_reserved` are ranges that the map does not know of.
class MemoryPieces {
public:
    constexpr MemoryPieces(std::span<const MemoryRange> ranges,
                           std::span<const MemoryPiece> also_reserved)
        : ranges_(ranges), also_reserved_(also_reserved) {}

    /// The lowest usable piece at or above `from`; an empty one where there is none.
    /// Context: any.
    constexpr MemoryPiece after(PhysAddr from) const {
        for (;;) {
            const MemoryPiece usable = next_usable(from);
            if (usable.bytes() == 0) {
                return usable;
            }
            const PhysAddr free_from = skip_reserved(usable.begin);
            if (free_from == usable.begin) {
                return {usable.begin, std::min(usable.end, next_reserved(usable.begin))};
            }
            from = free_from;
        }
    }

    /// Bytes in all pieces together.
    /// Context: any.
    constexpr std::uint64_t total_bytes() const {
        std::uint64_t sum = 0;
        for (MemoryPiece piece = after({0}); piece.bytes() != 0; piece = after(piece.end)) {
            sum += piece.bytes();
        }
        return sum;
    }

private:
    static constexpr std::uint64_t end_of(const MemoryRange& range) {
        const std::uint64_t end = range.begin.value + range.size_bytes;
        return end < range.begin.value ? ~std::uint64_t{0} : end;  // a range that wraps
    }
    static constexpr MemoryPiece usable_pages(const MemoryRange& range) {
        const std::uint64_t end = std::min(end_of(range), kHighestUsable);
        // Page 0 stays out: its number means "no frame".
        const std::uint64_t begin = std::max<std::uint64_t>(
            align_up(std::min(range.begin.value, end), kPageSize), kPageSize);
        return {{begin}, {std::max(begin, align_down(end, kPageSize))}};
    }
    static constexpr MemoryPiece reserved_pages(const MemoryRange& range) {
        const std::uint64_t end = std::min(end_of(range), kHighestUsable);
        return {{align_down(range.begin.value, kPageSize)}, {align_up(end, kPageSize)}};
    }

    /// The part at or above `from` of the usable range that comes first.
    constexpr MemoryPiece next_usable(PhysAddr from) const {
        MemoryPiece best{{~std::uint64_t{0}}, {~std::uint64_t{0}}};
        for (const MemoryRange& range : ranges_) {
            if (range.kind != MemoryRange::Kind::usable) {
                continue;
            }
            MemoryPiece piece = usable_pages(range);
            piece.begin = std::max(piece.begin, from);
            if (piece.begin < piece.end && piece.begin < best.begin) {
                best = piece;
            }
        }
        return best;
    }

    template <typename Visit>
    constexpr void for_each_reserved(Visit visit) const {
        for (const MemoryRange& range : ranges_) {
            if (range.kind == MemoryRange::Kind::reserved && range.size_bytes != 0) {
                visit(reserved_pages(range));
            }
        }
        for (const MemoryPiece& piece : also_reserved_) {
            visit(piece);
        }
    }

    constexpr PhysAddr skip_reserved(PhysAddr at) const {
        PhysAddr result = at;
        for_each_reserved([&](MemoryPiece piece) {
            if (piece.begin <= at && at < piece.end) {
                result = std::max(result, piece.end);
            }
        });
        return result;
    }
    constexpr PhysAddr next_reserved(PhysAddr at) const {
        PhysAddr result{~std::uint64_t{0}};
        for_each_reserved([&](MemoryPiece piece) {
            if (piece.begin > at && piece.begin < piece.end) {
                result = std::min(result, piece.begin);
            }
        });
        return result;
    }

    std::span<const MemoryRange> ranges_;
    std::span<const MemoryPiece> also_reserved_;
};

}  // namespace fathom::mm
