"""Resources in and out in bulk: files and URLs into the store, the store into NDJSON."""
