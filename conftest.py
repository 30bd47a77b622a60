"""The project's own pytest settings: the plugin comes through its entry point."""
