"""Plan and batch to columns, one module per kind of event. Knows no database, no Django and no pytest."""
