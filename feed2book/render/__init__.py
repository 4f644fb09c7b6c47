"""Book → Artifact. Each renderer reads the same :class:`~feed2book.models.Book` and the same templates."""
