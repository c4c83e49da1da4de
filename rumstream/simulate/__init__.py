"""Realistic traffic over HTTP: a seeded generator of beacons, and a sender that treats answers as clients do."""
