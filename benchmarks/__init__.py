"""Measurements of Passerelle, each beside a bare floor taken in the same run (README.md)."""
