"""The Textual application. Reads readings and records; commands the engine."""
