"""The practice building: simulated meters on a real port, a practice portal and a practice gateway."""
