#!/bin/bash
# Installs what tools/packages.txt lists and this machine lacks, after saying so.
#
#   tools/install.sh              install (by sudo when not root)
#   INSTALL=no tools/install.sh   only print the line that would be run
#
# Needs nothing but bash and a Debian system: not even Python is there yet.
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"

# Prints the names of what is installed, one a line; also those that a package stands in for.
installed_names() {
    dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' |
        sed -n 's/^installed //p' | tr ',' '\n' | sed -E 's/^ *//; s/ .*//'
}

# Prints the packages of the list that apply to this host and are not installed.
missing_packages() {
    local host architecture package rest installed
    architecture="$(dpkg --print-architecture)"
    installed="$(installed_names)"
    while IFS='|' read -r host package rest; do
        host="${host//[[:space:]]/}"
        package="${package//[[:space:]]/}"
        case "$host" in
            '' | '#'*) continue ;;
            any | "$architecture") ;;
            '!'*) [ "${host#!}" != "$architecture" ] || continue ;;
            *) continue ;;
        esac
        case "$package" in '?'*) continue ;; esac
        if ! grep -qxF -- "$package" <<<"$installed"; then
            printf '%s\n' "$package"
        fi
    done <"$list"
}

if ! command -v dpkg-query >/dev/null; then
    echo "install: this is not a Debian system; make doctor lists the tools that are needed"
    exit 0
fi

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo)
fi
install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive
         apt-get install -y --no-install-recommends "${missing[@]}")

if [ "${INSTALL:-yes}" = no ]; then
    echo "install: missing; to install:"
    echo "  ${install[*]}"
    exit 0
fi
echo "install: missing: ${missing[*]}"
echo "install: running: ${install[*]}"
if [ "${#sudo[@]}" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "install: there is no sudo here; run that line as root" >&2
    exit 1
fi
"${sudo[@]}" apt-get update -q </dev/null
"${install[@]}" </dev/null
