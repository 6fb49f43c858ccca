"""Long work on the line, one kind a file: the same objects under the window and under ``mbus-tool``."""
