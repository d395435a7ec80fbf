#!/bin/sh
# Fuzzes every reader of foreign data for FUZZ_SECONDS each (60 unless told), starting from the
# kept corpus. Findings lie in build/host/fuzz/found, new inputs in build/host/fuzz/new.
#
#     make fuzz FUZZ_SECONDS=600
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${FUZZ_BUILD:-$root/build/host}
seconds=${FUZZ_SECONDS:-60}

[ -f "$build/build.ninja" ] || cmake --preset host -S "$root" >/dev/null
status=0
for source in "$root"/tests/fuzz/*_fuzz.cpp; do
    name=$(basename "$source" _fuzz.cpp)
    cmake --build "$build" --target "fuzzer_$name" >/dev/null
    new=$build/fuzz/new/$name
    found=$build/fuzz/found/$name
    mkdir -p "$new" "$found"
    echo "fuzz: $name for $seconds s"
    if ! "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
        -verbosity=0 -artifact_prefix="$found/" "$new" "$root/tests/fuzz/corpus/$name"; then
        echo "fuzz: $name FAILED; the input is in $found"
        status=1
    fi
done
exit $status
