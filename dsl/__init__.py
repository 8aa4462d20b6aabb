"""The .kon language: text to Plan to manifests. Pure: no clock, file, network or terminal."""
