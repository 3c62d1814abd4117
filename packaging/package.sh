#!/usr/bin/env bash
# Packs a build into DIST/weir-<version>-linux-<arch>.tar.gz and tries the archive in an empty root.
#
# usage: package.sh BUILD_FOLDER DIST_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1 dist=$2
weir=$build/weir

version=$("$weir" --version | sed -n '1s/^weir \([0-9][^ ]*\).*/\1/p')
[[ -n $version ]] || { echo "package: weir --version names no version" >&2; exit 1; }
name=weir-$version-linux-$(uname -m)
stage=$dist/$name
rm -rf "$stage" "$stage.tar.gz"
mkdir -p "$stage"

cmake --install "$build" --prefix "$stage" --strip >"$dist/install.log"

# Completion and manual come from the binary's own tree of commands, so they cannot lag behind it.
mkdir -p "$stage/share/man/man1" "$stage/share/bash-completion/completions" "$stage/share/zsh/site-functions" \
  "$stage/share/fish/vendor_completions.d"
"$weir" man >"$stage/share/man/man1/weir.1"
"$weir" completion bash >"$stage/share/bash-completion/completions/weir"
"$weir" completion zsh >"$stage/share/zsh/site-functions/_weir"
"$weir" completion fish >"$stage/share/fish/vendor_completions.d/weir.fish"

# The licences of what is linked, as their Debian packages state them; see NOTICE.
python3 packaging/licences.py --libraries "$stage/lib/weir" --binary "$weir" --notice NOTICE \
  --output "$stage/share/doc/weir/licences"

# Owners, times and order are fixed, so one tree gives one archive.
epoch=$(git log -1 --format=%ct 2>/dev/null || date +%s)
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -C "$dist" -cf - "$name" | gzip -9n >"$stage.tar.gz"
rm -rf "$stage"
echo "==> $stage.tar.gz: $(du -h "$stage.tar.gz" | cut -f1)"
bash packaging/try_package.sh "$stage.tar.gz"
