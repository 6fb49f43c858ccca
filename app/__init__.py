"""The commissioning program without its window: codec, bus, domain, portal, store and use cases; no Qt."""
