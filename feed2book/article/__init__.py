"""Entry → Article: small named passes over one tree."""
