"""What top_words.c does, as a program: the ten most frequent words of the state counts."""
with open("counts", encoding="ascii") as table:
    lines = [(-int(number), word) for word, number in map(str.split, table)]
for number, word in sorted(lines)[:10]:
    print(-number, word)
