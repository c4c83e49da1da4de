"""What the browser SDK costs the page it is on."""
