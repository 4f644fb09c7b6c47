"""``python -m feed2book``."""

from feed2book.cli import main

if __name__ == "__main__":
    main()
