"""Bytes → Feed: RSS, Atom, RDF, CDF, JSON Feed."""
