"""The program's version, in the one place that the build and the window read."""

VERSION = "0.1.0"
