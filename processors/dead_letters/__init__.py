"""Looking through `rum.dead-letter`, and writing refused lines to `rum.beacons` once more."""
