"""How batches are handed out to those who build them, and the one task that all of them do. Knows neither pytest nor xdist."""
