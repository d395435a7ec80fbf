// Host: each host thread stands for a CPU with one thread on it.

#pragma once

namespace fathom::arch {

namespace detail {
inline thread_local ThreadAnchor host_anchor;
inline thread_local ThreadAnchor* current_host_anchor = &host_anchor;
}  // namespace detail

inline ThreadAnchor* current_thread_anchor() { return detail::current_host_anchor; }

/// For tests that need another `current`.
inline void set_current_thread_anchor(ThreadAnchor* anchor) {
    detail::current_host_anchor = anchor;
}

}  // namespace fathom::arch
