"""Our own editions of documents: their sources, and the program that sets them."""
