#!/usr/bin/env bash
# The contract of a bare image, checked on every build:
#   check-image.sh IMAGE.elf IMAGE.bin [BYTES] [FORBID_SIMD]
# BYTES is the promised size; FORBID_SIMD=true refuses vector registers, because EL2 does not save the guest's for itself.
set -euo pipefail
elf=$1 bin=$2 limit=${3:-} forbid_simd=${4:-}
name=$(basename "$bin")

size=$(stat -c %s "$bin")
if [ -n "$limit" ] && [ "$size" -ge "$limit" ]; then
    echo "error : $name is $size bytes; the promise is fewer than $limit. See the map file for what grew."
    exit 1
fi

# The image runs wherever the boot loader puts it: an absolute address inside it would be wrong.
if llvm-readelf -r "$elf" | grep -q R_AARCH64; then
    echo "error : $name holds relocations, so it depends on its load address."
    exit 1
fi

if [ "$forbid_simd" = true ]; then
    # Allowed is the world switch, in functions named fp_.
    offenders=$(llvm-objdump -d --no-show-raw-insn "$elf" |
        awk '/^[0-9a-f]+ <.*>:$/ { fn = $2; next } /[ \t,{[][qvdsh][0-9]+[.,} \]]/ { print fn }' |
        sort -u | grep -Ev '^<(fp_|.*_PrivateImplementationDetails_)' || true)
    if llvm-objdump -d --no-show-raw-insn "$elf" | awk '/^[0-9a-f]+ <.*>:$/ { fn = $2; next } fn ~ /^<guest_/ && /\.word/ { found = 1 } END { exit !found }'; then
        echo "error : $name is disassembled as data, which hides vector registers: the linker script put data right before the managed code."
        exit 1
    fi
    if [ -n "$offenders" ]; then
        echo "error : $name touches vector registers, which belong to the guest, in: $offenders"
        exit 1
    fi
fi
