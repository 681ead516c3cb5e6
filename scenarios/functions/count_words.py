"""What count_words.c does, as a program: counts the words of a text into the state counts."""
import collections
import os
import re
import sys

counts = collections.Counter()
if "counts" in os.environ["SFEMU_UPDATE"].split():  # a step that writes the state anew begins with an empty one
    with open("counts", encoding="ascii") as table:
        counts.update({word: int(number) for word, number in map(str.split, table)})
counts.update(word.lower().decode() for word in re.findall(rb"[A-Za-z]+", sys.stdin.buffer.read()))
with open("counts", "w", encoding="ascii") as table:
    table.writelines(f"{word} {counts[word]}\n" for word in sorted(counts))
