"""HTTP: the portal's contract, its client and its errors."""
