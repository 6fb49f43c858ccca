"""Controllers: what happens between the view models, the store and the portal; no widget is painted here."""
