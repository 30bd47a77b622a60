"""PostgreSQL: the server, the encoder, the ledger, indexes and keys."""
