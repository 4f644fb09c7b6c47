"""Articles → Book: selection, ids, links between posts, contents, cover."""
