"""The report of a farm: one HTML file without any other, made of aggregates of its database. One module a section: query, then figure."""
