"""Use cases: what a person does, made of bus, domain, portal and store."""
