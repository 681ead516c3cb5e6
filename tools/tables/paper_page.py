def page(rows): return "%d\n" % len(rows)
