"""Writes piece_rarity.h's table: how seldom two bytes stand side by side in command lines, paths and scripts.

    python3 src/match/piece_rarity.py FILE... > table

Each FILE is text, a value a line; equal lines count once. Bytes are put into the classes of the table's alphabet; a
digit of the table is the rarity of a pair in half bits (base 36), at most 35.
"""
import collections
import math
import sys

SIGNS = " \\/.-_:\"'=,;()$%&+{}[]<>|@*?#!^~`"
CLASSES = len("abcdefghijklmnopqrstuvwxyz") + 1 + len(SIGNS) + 2


def class_of(byte):
    char = chr(byte).lower()
    if "a" <= char <= "z":
        return ord(char) - ord("a")
    if "0" <= char <= "9":
        return 26
    if char in SIGNS:
        return 27 + SIGNS.index(char)
    return CLASSES - 2 if byte < 0x80 else CLASSES - 1


def main():
    lines = {line.strip().lower() for name in sys.argv[1:] for line in open(name, "rb")}
    pairs = collections.Counter()
    for line in lines:
        classes = [class_of(byte) for byte in line]
        pairs.update(zip(classes, classes[1:]))
    # Ten digits share a class, so a pair of two certain digits is ten times rarer for each.
    total = sum(pairs.values())
    for first in range(CLASSES):
        row = ""
        for second in range(CLASSES):
            share = (pairs[first, second] + 0.5) / total / 10 ** ((first == 26) + (second == 26))
            rarity = min(35, round(-2 * math.log2(share)))
            row += "0123456789abcdefghijklmnopqrstuvwxyz"[rarity]
        print(f'    "{row}"')


main()
