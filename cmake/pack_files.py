"""Writes the files named in LIST (semicolon separated, relative to FOLDER) as one pack; see base/embedded.h."""
import pathlib
import sys

folder, listing, out = (pathlib.Path(argument) for argument in sys.argv[1:])
with out.open("wb") as pack:
    for name in sorted(filter(None, listing.read_text().strip().split(";"))):
        data = (folder / name).read_bytes()
        path = name.encode()
        pack.write(b"%d %d\n" % (len(path), len(data)) + path + data)
