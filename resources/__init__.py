"""Icons, fonts, translations and the portal's vocabulary, as data."""
