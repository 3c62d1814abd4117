#!/usr/bin/env bash
# Unpacks the archive into an empty root that holds nothing but the C library of this machine, and finds an attack there.
# A library that is needed and not packed, or a path of the build machine, makes this fail. Needs root for chroot;
# without, it settles for ldd and an empty environment, and says so.
#
# usage: try_package.sh ARCHIVE
set -euo pipefail
archive=$(readlink -f "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

tar -xzf "$archive" -C "$root"
folder=$(basename "$archive" .tar.gz)

# The C library is all that a bare machine has to bring; libstdc++ is in the archive.
copy_c_library() {
  local file
  for file in $(ldd "$root/$folder/bin/weir" | awk '/=> \// { print $3 } $1 ~ /^\// { print $1 }'); do
    case $(basename "$file") in
      ld-linux* | libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.*)
        mkdir -p "$root$(dirname "$file")"
        cp -L "$file" "$root$file" ;;
    esac
  done
  # The loader learns from /proc where the binary lies, and so where "beside the binary" is. A link stands in for it.
  mkdir -p "$root/proc/self"
  ln -s "/$folder/bin/weir" "$root/proc/self/exe"
}

# chroot ends with 125 if it is not allowed, and with 127 if it is and the command is not there.
readonly chroot=/usr/sbin/chroot  # Not in everybody's PATH, and in none under env -i.
can_chroot() {
  local status=0
  [[ -x $chroot ]] || return 1
  "$chroot" "$root" /no-such-command 2>/dev/null || status=$?
  ((status == 127))
}

outside() { ldd "$root/$folder/bin/weir" | awk '/=> \// { print $3 }' |
  grep -vE "^$root/|/(libc|libm|libpthread|libdl|librt|libresolv)\.so" || true; }

if [[ -n $(outside) ]]; then
  echo "package: taken from this machine instead of the archive: $(outside | tr '\n' ' ')" >&2
  exit 1
fi

mkdir -p "$root/logs" "$root/tmp"
if can_chroot; then
  copy_c_library
  run() { env -i "$chroot" "$root" "/$folder/bin/weir" "$@"; }
  echo "==> trying it in a root with nothing but the C library"
  logs=/logs
else
  run() { env -i "$root/$folder/bin/weir" "$@"; }
  echo "==> no chroot here: trying it with an empty environment only"
  logs=$root/logs
fi

started=$(date +%s%N)
run --version || { echo "package: the unpacked binary does not start" >&2; exit 1; }
run generate --seed 7 --duration 10m --output "$logs" --truth "$logs.truth" --quiet
alerts=$(run scan --format json "$logs" 2>/dev/null | grep -c '"rule"' || true)
echo "==> $alerts alerts, $((($(date +%s%N) - started) / 1000000)) ms after unpacking"
((alerts > 0)) || { echo "package: the unpacked binary found nothing" >&2; exit 1; }
for file in README.md LICENSE NOTICE share/man/man1/weir.1 share/bash-completion/completions/weir; do
  [[ -s $root/$folder/$file ]] || { echo "package: $file is missing or empty" >&2; exit 1; }
done
bash -n "$root/$folder/share/bash-completion/completions/weir"
