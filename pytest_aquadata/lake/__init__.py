"""The farm as a Parquet data set: written without a server, read by DuckDB, Spark or Trino, loaded into a database where one is wanted."""
